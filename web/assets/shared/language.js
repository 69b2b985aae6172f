// The reader's language, and texts in it. English is the source: a text without translation is shown as it is.

/** @typedef {Record<string, Record<string, string>>} Dictionary  language -> English -> translation */

/** @returns {'en' | 'zh-Hant' | 'zh-Hans'} */
export function language() {
  const tag = document.documentElement.lang.toLowerCase();
  if (!tag.startsWith('zh')) return 'en';
  return /hans|cn|sg/.test(tag) ? 'zh-Hans' : 'zh-Hant';
}

/**
 * A function that says a text in the reader's language, with %1, %2 filled in.
 *
 * @param {Dictionary} dictionary
 * @returns {(text: string, ...values: unknown[]) => string}
 */
export function speaker(dictionary) {
  const words = dictionary[language()] ?? {};
  return (text, ...values) => (words[text] ?? text).replace(/%(\d)/g, (_, place) => String(values[place - 1]));
}

// form-js speaks English only. At build time the texts in its source are exchanged for calls of our words, so that
// they follow the reader's language. A text that is no longer found stops the build: then form-js has changed.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const words = fileURLToPath(new URL('words.js', import.meta.url)).replaceAll('\\', '/');

/** What stands in the source of form-js, and what comes in its place. */
const EXCHANGED = [
  [`emptyListMessage = 'No results'`, `emptyListMessage = _say('No results')`],
  [`placeholder: 'Search',`, `placeholder: _say('Search'),`],
  [`disabled || readonly ? undefined : 'Search'`, `disabled || readonly ? undefined : _say('Search')`],
  [`valueLabel || 'Select'`, `valueLabel || _say('Choose')`],
  [`label: "Skip to search"`, `label: _say('Skip to search')`],
  [`hasOptionsLeft ? 'No results' : 'All values selected'`, `hasOptionsLeft ? _say('No results') : _say('All values are chosen')`],
  [`evaluatedColumns.length === 0 ? 'Nothing to show.'`, `evaluatedColumns.length === 0 ? _say('Nothing to show.')`],
  [`children: "Nothing to show."`, `children: _say('Nothing to show.')`],
  [`children: [currentPage + 1, " of ", chunkedData.length]`, `children: _say('%1 of %2', currentPage + 1, chunkedData.length)`],
  [`"aria-label": "Previous page"`, `"aria-label": _say('Previous page')`],
  [`"aria-label": "Next page"`, `"aria-label": _say('Next page')`],
  [`"aria-label": "Increment"`, `"aria-label": _say('Increase')`],
  [`"aria-label": "Decrement"`, `"aria-label": _say('Decrease')`],
  [`" ", 'Add new']`, `" ", _say('Add a row')]`],
  ['`Expand all (${values.length - 1})`', `_say('Show all %1 rows', values.length)`],
  [`" ", 'Collapse']`, `" ", _say('Show fewer rows')]`],
  ['`Remove list item ${itemIndex + 1}`', `_say('Remove row %1', itemIndex + 1)`],
  [`['Date and time must both be entered.', ...errors]`, `[_say('Enter both the date and the time.'), ...errors]`],
  [`errors.push('Value is not a number.')`, `errors.push(_say('Enter a number.'))`],
  [
    "errors.push('Value is expected to ' + (decimalDigits === 0 ? 'be an integer' : `have at most ${decimalDigits} decimal digit${decimalDigits > 1 ? 's' : ''}`) + '.')",
    `errors.push(decimalDigits === 0 ? _say('Enter a whole number.') : _say('Enter at most %1 decimal digits.', decimalDigits))`,
  ],
  [
    'errors.push(`Please select a valid value, the two nearest valid values are ${previousValue} and ${nextValue}.`)',
    `errors.push(_say('The nearest valid values are %1 and %2.', previousValue, nextValue))`,
  ],
  ['`Field must match pattern ${validation.pattern}.`', `_say('This does not have the expected form.')`],
  [`errors.push('Field is required.')`, `errors.push(_say('This field is required.'))`],
  ['errors.push(`Field must have minimum value of ${validation.min}.`)', `errors.push(_say('Enter %1 or more.', validation.min))`],
  ['errors.push(`Field must have maximum value of ${validation.max}.`)', `errors.push(_say('Enter %1 or less.', validation.max))`],
  ['errors.push(`Field must have minimum length of ${validation.minLength}.`)', `errors.push(_say('Enter at least %1 characters.', validation.minLength))`],
  ['errors.push(`Field must have maximum length of ${validation.maxLength}.`)', `errors.push(_say('Enter at most %1 characters.', validation.maxLength))`],
  [
    `errors.push('Field must be a valid  international phone number. (e.g. +4930664040900)')`,
    `errors.push(_say('Enter an international telephone number, like +4930664040900.'))`,
  ],
  [`errors.push('Field must be a valid email.')`, `errors.push(_say('Enter a valid e-mail address.'))`],
  // Dates are shown as they are everywhere in the product, whatever the browser's region.
  [`placeholder: getLocaleReadableDateFormat()`, `placeholder: _say('yyyy-mm-dd')`],
  [`dateFormat: getLocaleDateFlatpickrConfig()`, `dateFormat: 'Y-m-d', locale: _calendar()`],
  [`minDate: disallowPassedDates ? 'today' : '01/01/1900'`, `minDate: disallowPassedDates ? 'today' : '1900-01-01'`],
];

/** The esbuild plugin that does it. */
export const wording = {
  name: 'form-js wording',
  setup(build) {
    build.onLoad({ filter: /form-js-viewer[\\/]dist[\\/]index\.es\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const [from, to] of EXCHANGED) {
        if (!contents.includes(from)) throw new Error(`form-js has no longer: ${from}`);
        contents = contents.replaceAll(from, () => to);
      }
      return { contents: `import { say as _say, calendar as _calendar } from ${JSON.stringify(words)};\n${contents}` };
    });
  },
};

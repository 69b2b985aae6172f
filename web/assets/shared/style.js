/**
 * Load the style sheet of an island, unless the page already links it. Waits for it, so that nothing jumps.
 *
 * @param {string} file  its name beside the script
 */
export function loadStyle(file) {
  const href = new URL(file, import.meta.url).href;
  if ([...document.styleSheets].some(sheet => sheet.href === href)) return Promise.resolve();
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise(resolve => {
    link.onload = link.onerror = () => resolve(undefined);
    document.head.append(link);
  });
}

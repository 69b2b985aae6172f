// Lists with too few rows: said at the list itself, for form-js knows problems of fields only.
import { say } from './words.js';

/** The lists that are shown and have fewer rows than their property `minRows` asks for: path -> messages. */
export function shortLists(form, container, data) {
  const problems = {};
  for (const list of lists(form)) {
    const least = Number(list.properties?.minRows ?? 0);
    const rows = data[list.path] ?? [];
    if (rows.length < least && place(container, list)) problems[list.path] = [say('Enter at least %1 rows.', least)];
  }
  return problems;
}

/** Say at each list what is wrong with it, and take away what was said before. Returns how many are wrong. */
export function showListProblems(form, container, problems) {
  for (const said of container.querySelectorAll('.list-problem')) said.remove();
  let count = 0;
  for (const list of lists(form)) {
    const where = problems[list.path] && place(container, list);
    if (!where) continue;
    const message = document.createElement('p');
    message.className = 'list-problem';
    message.setAttribute('role', 'alert');
    message.textContent = problems[list.path].join(' ');
    where.append(message);
    count += 1;
  }
  return count;
}

const lists = form => form.get('formFieldRegistry').getAll().filter(field => field.type === 'dynamiclist');

const place = (container, list) =>
  container.querySelector(`.fjs-form-field-dynamiclist:has(> [id$='-${CSS.escape(list.id)}'])`);

// What every page needs: keys, filters that apply themselves, questions before what cannot be undone.
import { language } from '../shared/language.js';
import { showKeys } from './keys.js';
import { say } from './words.js';

const isTyping = element =>
  element instanceof Element && element.closest('input, textarea, select, [contenteditable], [data-island], dialog');

// Filters apply when they are changed; their button is for those without script.
for (const form of document.querySelectorAll('form[data-autosubmit]')) {
  for (const button of form.querySelectorAll('[data-needless]')) button.hidden = true;
  form.addEventListener('change', () => form.requestSubmit());
}

// An outcome that asks for a reason waits for it.
document.addEventListener('submit', event => {
  const button = event.submitter;
  const question = button?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) return event.preventDefault();
  const comment = event.target.querySelector?.('[data-comment]');
  if (button?.dataset.commentRule === 'required' && comment && !comment.value.trim()) {
    event.preventDefault();
    askFor(comment);
  }
  return undefined;
}, true);

function askFor(comment) {
  comment.setAttribute('aria-invalid', 'true');
  const hint = document.getElementById(comment.getAttribute('aria-describedby') ?? '');
  if (hint) hint.textContent = say('Say why: this outcome needs a comment.');
  comment.focus();
  comment.addEventListener('input', () => comment.removeAttribute('aria-invalid'), { once: true });
}

// The chosen appearance is seen before it is saved.
for (const choice of document.querySelectorAll('input[name="theme"]')) {
  choice.addEventListener('change', () => {
    if (choice.value) document.documentElement.dataset.theme = choice.value;
    else delete document.documentElement.dataset.theme;
  });
}

// What is shown once can be copied at once.
for (const code of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'link-button';
  button.textContent = say('Copy');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent.trim());
    button.textContent = say('Copied');
  });
  code.after(' ', button);
}

// An open menu closes at a click elsewhere and at Escape.
document.addEventListener('click', event => closeMenus(event.target));
function closeMenus(except) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(except)) menu.open = false;
}

const list = document.querySelector('[data-task-list]');
const links = () => [...(list?.querySelectorAll('a[data-task]') ?? [])];

/** The next or previous task of the inbox; from the one with the focus, else from the one that is open. */
function move(step) {
  const all = links();
  if (!all.length) return;
  const focused = all.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : all.findIndex(link => link.ariaCurrent === 'true');
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: 'nearest' });
}

/** A number goes to its outcome; Enter then decides, so that no single slip of a finger does. */
function outcome(key) {
  const button = document.querySelector(`[data-outcome-key="${key}"]`);
  button?.scrollIntoView({ block: 'nearest' });
  button?.focus();
  return Boolean(button);
}

function press(key) {
  const element = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  element?.click();
  return Boolean(element);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === 'Escape') closeMenus(null);
  if (isTyping(event.target)) return;
  const moves = { j: 1, k: -1 };
  let done = true;
  if (event.key in moves && list) move(moves[event.key]);
  else if (event.key === '?') showKeys();
  else if (/^[1-9]$/.test(event.key)) done = outcome(event.key);
  else done = event.key.length === 1 && press(event.key);
  if (done) event.preventDefault();
}
document.addEventListener('keydown', onKey);

// Times that were written as "5 minutes ago" stay true while the page is open.
const SPANS = [['minute', 60], ['hour', 3600], ['day', 86_400]];
const relative = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
setInterval(() => {
  for (const time of document.querySelectorAll('time[data-relative]')) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, length] = SPANS.findLast(([, span]) => Math.abs(seconds) >= span) ?? SPANS[0];
    time.textContent = relative.format(Math.trunc(seconds / length), unit);
  }
}, 60_000);

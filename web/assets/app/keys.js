// The list of all keys, opened with "?".
import { say } from './words.js';

const KEYS = [
  [['j', 'k'], 'Next and previous task'],
  [['Enter'], 'Open the task, or press the chosen button'],
  [['c'], 'Claim the task'],
  [['r'], 'Give the task back'],
  [['1', '…', '9'], 'Go to an outcome; Enter decides'],
  [['n', 'p'], 'Next and previous step, in a diagram'],
  [['?'], 'This list'],
];

export function showKeys() {
  const dialog = document.createElement('dialog');
  dialog.className = 'keys-dialog';
  dialog.setAttribute('aria-label', say('Keys'));
  const list = document.createElement('dl');
  for (const [keys, words] of KEYS) {
    const term = document.createElement('dt');
    term.append(...keys.flatMap(key => [Object.assign(document.createElement('kbd'), { textContent: key }), ' ']));
    list.append(term, Object.assign(document.createElement('dd'), { textContent: say(words) }));
  }
  const close = Object.assign(document.createElement('button'), { className: 'button', textContent: say('Close') });
  close.addEventListener('click', () => dialog.close());
  const title = Object.assign(document.createElement('h2'), { textContent: say('Keys') });
  dialog.append(title, list, close);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// The island that shows a form-js form inside a form of the page.
//
//   <form data-task-form> …
//     <div data-island="form" data-readonly="false" data-draft-url="/api/v1/tasks/7/draft">
//       <script type="application/json" data-form-schema>…</script>    form-js, already translated
//       <script type="application/json" data-form-data>…</script>      what it starts with
//       <script type="application/json" data-form-errors>…</script>    {"goals.0.owner": ["…"]} of a refused submission
//       <input type="hidden" name="data">                              filled in with the data as JSON
//     </div>
//     <button name="outcome" value="approve" data-outcome-kind="positive">
//   </form>
//
// A button whose kind is negative sends the form as it is; every other one only when no field is wrong.
import { Form } from '@bpmn-io/form-js-viewer';

import { loadStyle } from '../shared/style.js';
import { Draft } from './draft.js';
import { shortLists, showListProblems } from './lists.js';
import { plainMarkdown } from './markdown.js';
import { countProblems, focusFirstProblem, showProblems } from './problems.js';
import { say } from './words.js';

/* global FORM_CSS */

/** @param {HTMLElement} place */
async function mount(place) {
  const read = name => JSON.parse(place.querySelector(`script[data-form-${name}]`)?.textContent || '{}');
  const host = document.createElement('div');
  host.className = 'form-island';
  place.append(host);
  await loadStyle(FORM_CSS);
  // Were a field to report what is typed only after a pause, any drawing in between would take it away again.
  const form = new Form({ container: host, additionalModules: [plainMarkdown], debounce: false });
  const readonly = place.dataset.readonly === 'true';
  host.classList.toggle('is-readonly', readonly);
  if (readonly) form.setProperty('readOnly', true);
  await form.importSchema(read('schema'), read('data'));
  // form-js checks what it starts with once, after its first drawing; the server's word comes after that.
  setTimeout(() => {
    showProblems(form, read('errors'));
    showListProblems(form, host, read('errors'));
  }, 50);
  if (!readonly) connect(place, form, host);
  place.dispatchEvent(new CustomEvent('planflow:form', { bubbles: true, detail: { form } }));
}

/** Tie the island to the page's form around it: hidden field, draft, leaving, sending. */
function connect(place, form, host) {
  const outer = place.closest('form');
  const hidden = place.querySelector('input[type="hidden"][name="data"]');
  const collect = () => {
    form._emit('presubmit'); // expression fields that are computed last
    return form._getSubmitData();
  };
  const draft = place.dataset.draftUrl ? new Draft(place.dataset.draftUrl, collect, teller(outer)) : null;
  const state = { changed: false, sent: false };

  form.on('field.updated', ({ shouldNotRecompute }) => {
    if (shouldNotRecompute) return;
    state.changed = true;
    // The update is in the form's data only after this event.
    queueMicrotask(() => draft?.changed());
  });
  addEventListener('pagehide', () => !state.sent && draft?.leave());
  addEventListener('beforeunload', event => {
    const unsaved = draft ? draft.atRisk : state.changed;
    if (unsaved && !state.sent) event.preventDefault();
  });
  outer?.addEventListener('submit', event => {
    if (event.target !== outer || event.defaultPrevented) return;
    send(event, { place, form, host, hidden, draft, state, collect });
  });
}

function send(event, { place, form, host, hidden, draft, state, collect }) {
  if (state.sent) return event.preventDefault();
  document.activeElement?.blur(); // form-js takes over what is still being typed when its field is left
  if (!isNegative(event.submitter)) {
    const wrong = countProblems(form.validate()) + showListProblems(form, host, shortLists(form, host, collect()));
    if (wrong) {
      event.preventDefault();
      announce(place, say('Not ready yet: %1 field(s) need your attention.', wrong));
      requestAnimationFrame(() => focusFirstProblem(place));
      return undefined;
    }
  }
  hidden.value = JSON.stringify(collect());
  state.sent = true;
  draft?.stop();
  return undefined;
}

/** Whether the pressed button sends back or refuses. */
function isNegative(button) {
  if (!button) return false;
  const { outcomeKind } = button.dataset;
  return outcomeKind ? outcomeKind === 'negative' : button.classList.contains('button-negative');
}

function teller(outer) {
  const status = outer?.querySelector('[data-draft-status]');
  return (text, failed = false) => {
    if (!status) return;
    status.textContent = text;
    status.classList.toggle('is-failed', failed);
  };
}

function announce(place, text) {
  let notice = place.querySelector('.form-island-notice');
  if (!notice) {
    notice = document.createElement('p');
    notice.className = 'form-island-notice';
    notice.setAttribute('role', 'alert');
    place.append(notice);
  }
  notice.textContent = text;
}

for (const place of document.querySelectorAll('[data-island="form"]')) {
  mount(place).catch(error => {
    console.error(error);
    announce(place, say('The form could not be shown.'));
  });
}

// The page came back from the browser's memory: what was sent is not sent any more.
addEventListener('pageshow', event => event.persisted && location.reload());

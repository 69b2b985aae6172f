// Problems that the server found, shown at their fields. The server names a field by its path: goals.0.owner

/**
 * @param {import('@bpmn-io/form-js-viewer').Form} form
 * @param {Record<string, string[]>} problems  path -> messages
 */
export function showProblems(form, problems) {
  const instances = form.get('formFieldInstanceRegistry').getAllKeyed();
  const errors = structuredClone(form._getState().errors);
  let found = false;
  for (const { id, valuePath, indexes } of instances) {
    const messages = problems[valuePath.join('.')];
    if (!messages) continue;
    put(errors, [id, ...Object.values(indexes ?? {})], messages);
    found = true;
  }
  if (found) form._setState({ errors });
}

/** The number of fields that are wrong. */
export function countProblems(errors) {
  if (Array.isArray(errors) && errors.every(entry => typeof entry === 'string')) return errors.length ? 1 : 0;
  return Object.values(errors ?? {}).reduce((sum, inner) => sum + (inner ? countProblems(inner) : 0), 0);
}

/** Put the reader to the first field that is wrong. */
export function focusFirstProblem(container) {
  const wrong = ':is(.fjs-has-errors :is(input, textarea, select, [tabindex="0"]), :has(> .list-problem) .fjs-repeat-render-add)';
  const first = container.querySelector(wrong);
  first?.scrollIntoView({ block: 'center' });
  first?.focus({ preventScroll: true });
}

function put(target, [key, ...rest], value) {
  if (rest.length === 0) target[key] = value;
  else put((target[key] ??= {}), rest, value);
}

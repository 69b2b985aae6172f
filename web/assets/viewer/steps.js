// Reaching every element of a diagram without a mouse, and tying it to the history beside it.
import { stateWords } from './states.js';

const SKIPPED = new Set(['bpmn:SequenceFlow', 'bpmn:MessageFlow', 'bpmn:Association', 'bpmn:Participant', 'bpmn:Lane', 'label']);

/** The elements that people go to, in reading order: left to right in rows of the diagram's grid. */
export function stepsOf(viewer) {
  const steps = viewer.get('elementRegistry').filter(
    element => element.parent && !element.waypoints && !element.labelTarget && !SKIPPED.has(element.type),
  );
  return steps.sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Selecting elements: by click, by key, by the page. */
export class Steps {
  /**
   * @param {import('bpmn-js/lib/NavigatedViewer').default} viewer
   * @param {HTMLElement} place
   * @param {import('./states.js').Diagram} diagram
   */
  constructor(viewer, place, diagram) {
    this._viewer = viewer;
    this._place = place;
    this._diagram = diagram;
    this._chosen = null;
    this._said = document.createElement('p');
    this._said.className = 'diagram-said';
    this._said.setAttribute('role', 'status');
    place.append(this._said);
  }

  /** The next (1) or previous (-1) element. */
  go(direction) {
    const steps = stepsOf(this._viewer);
    if (!steps.length) return;
    const at = steps.findIndex(step => step.id === this._chosen);
    const start = at < 0 && direction < 0 ? 0 : at;
    this.choose(steps[(start + direction + steps.length) % steps.length].id, { follow: true });
  }

  /**
   * Mark an element and tell the page with ``planflow:element``.
   *
   * @param {string} id
   * @param {{follow?: boolean, tell?: boolean}} [options]  whether to move the diagram, whether to tell
   */
  choose(id, { follow = false, tell = true } = {}) {
    const canvas = this._viewer.get('canvas');
    const element = this._viewer.get('elementRegistry').get(id);
    if (this._chosen) canvas.removeMarker(this._chosen, 'is-chosen');
    this._chosen = element ? id : null;
    if (!element) return;
    canvas.addMarker(id, 'is-chosen');
    if (follow) canvas.scrollToElement(element, { top: 60, right: 60, bottom: 60, left: 60 });
    const name = element.businessObject.get('name') || id;
    this._said.textContent = `${name}: ${stateWords(this._diagram, id)}`;
    if (tell) this._place.dispatchEvent(new CustomEvent('planflow:element', { bubbles: true, detail: { id, name } }));
  }
}

/** The history beside the diagram: a step chosen in the one is shown in the other. */
export function linkTimeline(place, steps) {
  document.addEventListener('planflow:element', event => {
    const entries = [...document.querySelectorAll('[data-timeline] [data-element]')];
    for (const entry of entries) entry.classList.toggle('is-linked', entry.dataset.element === event.detail.id);
    entries.find(entry => entry.classList.contains('is-linked'))?.scrollIntoView({ block: 'nearest' });
  });
  document.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest('[data-show-element]') : null;
    if (!button) return;
    steps.choose(button.dataset.showElement, { follow: true, tell: false });
    place.scrollIntoView({ block: 'nearest' });
    place.focus({ preventScroll: true });
  });
}

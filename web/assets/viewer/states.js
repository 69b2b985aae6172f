// Where an instance stands and the way it went, laid over its diagram: in colour, in shape and in words.
import { say } from './words.js';

/**
 * @typedef {object} Diagram
 * @property {string} xml
 * @property {Record<string, number>} [active]     element -> how many wait there
 * @property {Record<string, number>} [completed]  element -> how often it was done
 * @property {string[]} [taken_flows]
 * @property {string[]} [incidents]                elements at which something stopped
 */

const COLOURS = {
  active: ['var(--accent)', 'var(--accent-soft)'],
  done: ['var(--positive)', 'var(--positive-soft)'],
  stopped: ['var(--negative)', 'var(--negative-soft)'],
};

/**
 * Colour the elements and put the counts on them.
 *
 * @param {import('bpmn-js/lib/NavigatedViewer').default} viewer
 * @param {Diagram} diagram
 */
export function showStates(viewer, diagram) {
  const registry = viewer.get('elementRegistry');
  const way = Object.keys(diagram.completed ?? {}).length > 0;
  viewer.get('canvas').getContainer().classList.toggle('shows-way', way);
  for (const id of diagram.taken_flows ?? []) {
    recolour(viewer, registry.get(id), COLOURS.done[0]);
    mark(viewer, registry.get(id), 'is-taken');
  }
  for (const id of Object.keys(diagram.completed ?? {})) state(viewer, registry.get(id), 'done');
  for (const id of Object.keys(diagram.active ?? {})) state(viewer, registry.get(id), 'active');
  for (const id of diagram.incidents ?? []) state(viewer, registry.get(id), 'stopped');
  for (const [id, count] of Object.entries(diagram.completed ?? {})) {
    if (count > 1 && !(diagram.active ?? {})[id]) badge(viewer, registry.get(id), 'done', `${count}×`, say('done %1 times', count));
  }
  for (const [id, count] of Object.entries(diagram.active ?? {})) {
    badge(viewer, registry.get(id), 'active', count > 1 ? String(count) : '', stateWords(diagram, id));
  }
  for (const id of diagram.incidents ?? []) badge(viewer, registry.get(id), 'stopped', '!', say('stopped'));
}

/** Pools and lanes in fine lines, so that the steps stand out. */
export function quietPlaces(viewer) {
  const places = viewer.get('elementRegistry').filter(({ type }) => type === 'bpmn:Participant' || type === 'bpmn:Lane');
  for (const place of places) {
    recolour(viewer, place, 'var(--line)', 'var(--surface)');
    mark(viewer, place, 'is-place');
  }
}

/**
 * How an element stands, in words.
 *
 * @param {Diagram} diagram
 * @param {string} id
 */
export function stateWords(diagram, id) {
  const active = (diagram.active ?? {})[id] ?? 0;
  const done = (diagram.completed ?? {})[id] ?? 0;
  const words = [];
  if ((diagram.incidents ?? []).includes(id)) words.push(say('stopped'));
  if (active) words.push(active > 1 ? say('waiting here, %1 times', active) : say('waiting here'));
  if (done) words.push(done > 1 ? say('done %1 times', done) : say('done'));
  return words.join(', ') || say('not reached yet');
}

function state(viewer, element, name) {
  if (!element) return;
  if (isPlace(element)) return mark(viewer, element, 'is-place');
  const [stroke, fill] = COLOURS[name];
  recolour(viewer, element, stroke, fill);
  return mark(viewer, element, `is-${name}`);
}

/** A class on the element and on the label that belongs to it. */
function mark(viewer, element, name) {
  if (!element) return;
  for (const each of [element, ...(element.labels ?? [])]) viewer.get('canvas').addMarker(each, name);
}

/** Lanes, pools and open sub-processes hold the others: colouring them would hide what is inside. */
function isPlace(element) {
  const type = element.type;
  if (type === 'bpmn:SubProcess') return element.di.get('isExpanded') !== false && element.collapsed !== true;
  return type === 'bpmn:Participant' || type === 'bpmn:Lane';
}

/** Through the diagram's own colours, so that arrow heads follow their lines. */
function recolour(viewer, element, stroke, fill) {
  if (!element) return;
  element.di.set('bioc:stroke', stroke);
  if (fill) element.di.set('bioc:fill', fill);
  const kind = element.waypoints ? 'connection' : 'shape';
  viewer.get('graphicsFactory').update(kind, element, viewer.get('elementRegistry').getGraphics(element));
}

function badge(viewer, element, name, text, words) {
  if (!element || element.waypoints) return;
  const html = document.createElement('span');
  html.className = `diagram-badge is-${name}`;
  html.textContent = text;
  html.title = words;
  viewer.get('overlays').add(element, `state-${name}`, { position: { top: -9, right: 9 }, html });
}

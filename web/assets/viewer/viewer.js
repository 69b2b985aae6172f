// The island that draws a BPMN diagram and lays the state of an instance over it.
//
//   <div class="diagram" data-island="viewer" role="region" aria-label="…" tabindex="0">
//     <script type="application/json" data-diagram>{"xml": "…", "active": {…}, "completed": {…}, …}</script>
//   </div>
//
// A step that is clicked fires `planflow:element` {id, name}; place.planflow.highlight(id) marks one from outside.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import expand from 'lucide-static/icons/expand.svg';
import locate from 'lucide-static/icons/locate-fixed.svg';
import maximize from 'lucide-static/icons/maximize.svg';
import minus from 'lucide-static/icons/minus.svg';
import plus from 'lucide-static/icons/plus.svg';

import { loadStyle } from '../shared/style.js';
import { keepLaneNames } from './lanes.js';
import { quietPlaces, showStates } from './states.js';
import { linkTimeline, Steps } from './steps.js';
import { View } from './view.js';
import { say } from './words.js';

/* global VIEWER_CSS */

/** @param {HTMLElement} place */
async function mount(place) {
  const diagram = JSON.parse(place.querySelector('script[data-diagram]')?.textContent || '{}');
  await loadStyle(VIEWER_CSS);
  const host = document.createElement('div');
  host.className = 'diagram-canvas';
  place.append(host);
  const viewer = new NavigatedViewer({ container: host, ...appearance(place) });
  await viewer.importXML(diagram.xml);
  quietPlaces(viewer);
  showStates(viewer, diagram);
  const steps = new Steps(viewer, place, diagram);
  const view = new View(viewer, place, diagram);
  view.open();
  addControls(place, viewer, view);
  addKeys(place, viewer, steps, view);
  wheelOnlyWithin(place, viewer);
  keepFitting(host, viewer, () => view.open());
  viewer.on('element.click', ({ element }) => element.parent && steps.choose((element.labelTarget ?? element).id));
  keepLaneNames(viewer, host);
  linkTimeline(place, steps);
  place.planflow = { viewer, highlight: id => steps.choose(id, { follow: true, tell: false }), fit: () => view.open() };
  place.dataset.drawn = 'true';
}

function appearance(place) {
  const fontFamily = getComputedStyle(place).fontFamily;
  return {
    bpmnRenderer: {
      defaultFillColor: 'var(--surface)',
      defaultStrokeColor: 'var(--ink-soft)',
      defaultLabelColor: 'var(--ink)',
    },
    textRenderer: {
      defaultStyle: { fontFamily, fontSize: 12, lineHeight: 1.25 },
      externalStyle: { fontFamily, fontSize: 11, lineHeight: 1.25 },
    },
  };
}

const HERE = { stands: 'Where it stands', ended: 'Where it ended', new: 'Where it begins' };

function addControls(place, viewer, view) {
  const bar = document.createElement('div');
  bar.className = 'diagram-controls';
  const add = (words, icon, act, told = false) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.title = words;
    button.setAttribute('aria-label', words);
    button.innerHTML = icon.replace(/<!--[\s\S]*?-->/, '').replace('<svg', '<svg aria-hidden="true"');
    if (told) button.append(Object.assign(document.createElement('span'), { textContent: words }));
    button.addEventListener('click', act);
    bar.append(button);
  };
  const zoom = step => viewer.get('zoomScroll').stepZoom(step);
  add(say(HERE[view.state]), locate, () => view.here(), true);
  add(say('Show all of it'), maximize, () => view.whole(), true);
  add(say('Zoom in'), plus, () => zoom(1));
  add(say('Zoom out'), minus, () => zoom(-1));
  if (place.requestFullscreen) add(say('Whole screen'), expand, () => toggleScreen(place));
  place.append(bar);
}

function toggleScreen(place) {
  if (document.fullscreenElement) document.exitFullscreen();
  else place.requestFullscreen().catch(() => undefined); // the browser may refuse; then all stays as it is
}

const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

function addKeys(place, viewer, steps, view) {
  const hint = say('Arrow keys move the diagram, + and − change its size, 0 shows all of it, h where it stands, n and p go from step to step.');
  place.setAttribute('aria-description', hint);
  const keys = {
    '+': () => viewer.get('zoomScroll').stepZoom(1),
    '=': () => viewer.get('zoomScroll').stepZoom(1),
    '-': () => viewer.get('zoomScroll').stepZoom(-1),
    0: () => view.whole(),
    h: () => view.here(),
    n: () => steps.go(1),
    p: () => steps.go(-1),
  };
  place.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] = ARROWS[event.key] ?? [];
    const act = dx === undefined ? keys[event.key] : () => viewer.get('canvas').scroll({ dx, dy });
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

/** The wheel scrolls the page until the diagram is entered by a click or by the keyboard. */
function wheelOnlyWithin(place, viewer) {
  const scroll = viewer.get('zoomScroll');
  scroll.toggle(false);
  place.addEventListener('focusin', () => scroll.toggle(true));
  place.addEventListener('focusout', event => scroll.toggle(place.contains(event.relatedTarget)));
  place.addEventListener('pointerdown', event => {
    if (!(event.target instanceof Element && event.target.closest('button, a'))) place.focus({ preventScroll: true });
  });
}

/** A diagram that nobody has moved fits itself again when its place changes. */
function keepFitting(host, viewer, fit) {
  let moved = false;
  let fitting = false;
  viewer.on('canvas.viewbox.changed', () => {
    moved ||= !fitting;
  });
  new ResizeObserver(() => {
    if (moved) return viewer.get('canvas').resized();
    fitting = true;
    fit();
    // the viewbox reports itself a moment later
    return setTimeout(() => { fitting = false; }, 400);
  }).observe(host);
}

for (const place of document.querySelectorAll('[data-island="viewer"]')) {
  mount(place).catch(error => {
    console.error(error);
    const sorry = document.createElement('p');
    sorry.className = 'diagram-sorry';
    sorry.textContent = say('The diagram could not be drawn.');
    place.append(sorry);
  });
}

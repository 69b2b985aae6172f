// Which part of a diagram is in sight: all of it where that can be read, else what matters now.

const LEGIBLE = 0.6; // below this scale labels cannot be read
const READING = 0.8; // the scale to read at
const GLANCE = 0.35; // below this scale not even the way can be followed
const BUTTONS = 52; // px that the buttons take
const LEAST = 240; // px that a diagram is high

/** What the reader wants to see first: where it waits or stopped, the end it came to, or where it begins. */
export class View {
  /**
   * @param {import('bpmn-js/lib/NavigatedViewer').default} viewer
   * @param {HTMLElement} place
   * @param {import('./states.js').Diagram} diagram
   */
  constructor(viewer, place, diagram) {
    this._viewer = viewer;
    this._place = place;
    this._registry = viewer.get('elementRegistry');
    this._standing = this._found([...(diagram.incidents ?? []), ...Object.keys(diagram.active ?? {})]);
    this._done = this._found(Object.keys(diagram.completed ?? {}));
  }

  /** `stands` while something waits, `ended` when the way is over, `new` before it began. */
  get state() {
    if (this._standing.length) return 'stands';
    return this._done.length ? 'ended' : 'new';
  }

  /** What a page opens with. */
  open() {
    this._place.style.height = '';
    const scale = this.whole();
    if (scale === undefined) return;
    if (scale < (this.state === 'ended' ? GLANCE : LEGIBLE)) this.here();
    else this._closeAround(scale);
  }

  /** No taller than the drawing and the buttons above it. */
  _closeAround(scale) {
    const needed = this._viewer.get('canvas').viewbox().inner.height * scale + BUTTONS + 24;
    if (needed >= this._place.clientHeight) return;
    this._place.style.height = `${Math.max(needed, LEAST)}px`;
    this.whole();
  }

  /** All of it; the scale that this takes, or undefined while the diagram is folded away. */
  whole() {
    const canvas = this._viewer.get('canvas');
    const { clientWidth, clientHeight } = canvas.getContainer();
    if (!clientWidth || !clientHeight) return undefined;
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
    return canvas.zoom();
  }

  /** The place that matters now, large enough to read. */
  here() {
    const places = this._places();
    if (!places.length) return;
    const canvas = this._viewer.get('canvas');
    canvas.zoom(READING);
    const view = canvas.viewbox();
    const all = view.inner;
    const spread = around(places);
    const box = spread.width < view.width && spread.height < view.height ? spread : around(places.slice(0, 1));
    const x = clamp(box.x + box.width / 2 - view.width / 2, all.x - 10, all.x + all.width + 10 - view.width);
    const y = clamp(box.y + box.height / 2 - view.height / 2, all.y - 10, all.y + all.height + 10 - view.height);
    canvas.viewbox({ ...view, x, y });
  }

  _places() {
    if (this.state === 'stands') return this._standing.filter(element => !this._standing.some(other => other.parent === element));
    const type = this.state === 'ended' ? 'bpmn:EndEvent' : 'bpmn:StartEvent';
    const known = this.state === 'ended' ? this._done : this._registry.getAll();
    const events = known.filter(element => element.type === type && !element.labelTarget);
    // of several ends the last; sub-processes have beginnings and ends of their own, further in
    events.sort((a, b) => this._depth(a) - this._depth(b) || b.x - a.x);
    return events.slice(0, 1);
  }

  _depth(element) {
    let depth = 0;
    for (let above = element.parent; above; above = above.parent) depth += above.type === 'bpmn:SubProcess' ? 1 : 0;
    return depth;
  }

  _found(ids) {
    return ids.map(id => this._registry.get(id)).filter(Boolean);
  }
}

function around(elements) {
  const left = Math.min(...elements.map(each => each.x));
  const top = Math.min(...elements.map(each => each.y));
  const right = Math.max(...elements.map(each => each.x + each.width));
  const bottom = Math.max(...elements.map(each => each.y + each.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const clamp = (value, low, high) => (high < low ? (low + high) / 2 : Math.min(Math.max(value, low), high));

// The names of lanes stay in sight: where a lane's own label is out of the window, it stands at the left edge.

/**
 * @param {import('bpmn-js/lib/NavigatedViewer').default} viewer
 * @param {HTMLElement} host
 */
export function keepLaneNames(viewer, host) {
  const lanes = viewer.get('elementRegistry').filter(element => element.type === 'bpmn:Lane' && !element.children.some(isLane));
  const labels = lanes.map(lane => {
    const label = document.createElement('span');
    label.className = 'diagram-lane';
    label.textContent = lane.businessObject.get('name') ?? '';
    label.setAttribute('aria-hidden', 'true'); // it is in the drawing already
    host.append(label);
    return label;
  });
  const place = () => {
    const { x, y, width, height, scale } = viewer.get('canvas').viewbox();
    lanes.forEach((lane, index) => {
      const top = Math.max(lane.y, y);
      const bottom = Math.min(lane.y + lane.height, y + height);
      const seen = bottom - top > 24 / scale && lane.x + lane.width > x && lane.x < x + width;
      labels[index].hidden = !seen || lane.x + 12 >= x;
      labels[index].style.top = `${(top - y) * scale}px`;
      labels[index].style.height = `${(bottom - top) * scale}px`;
    });
  };
  viewer.on('canvas.viewbox.changed', place);
  place();
}

const isLane = element => element.type === 'bpmn:Lane';

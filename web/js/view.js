// Zoom and pan, shared by all frames that look at the same place. Positions are shares of a frame's sides.

const MOST = 16;
const KEY_STEP = 0.1;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class View {
  #frames = [];
  #onChange;

  constructor(onChange = () => {}) {
    this.#onChange = onChange;
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
  }

  fit() {
    this.#put(1, 0, 0);
  }

  /** Zooms by `factor` and keeps what lies at (px, py) where it is. */
  zoomBy(factor, px = 0.5, py = 0.5) {
    const zoom = clamp(this.zoom * factor, 1, MOST);
    const ratio = zoom / this.zoom;
    this.#put(zoom, px - (px - this.x) * ratio, py - (py - this.y) * ratio);
  }

  panBy(dx, dy) {
    this.#put(this.zoom, this.x + dx, this.y + dy);
  }

  #put(zoom, x, y) {
    this.zoom = zoom;
    this.x = clamp(x, 1 - zoom, 0);
    this.y = clamp(y, 1 - zoom, 0);
    this.#frames.forEach((frame) => this.#show(frame));
    this.#onChange();
  }

  #show(frame) {
    frame.style.setProperty('--zoom', this.zoom);
    frame.style.setProperty('--x', `${this.x * 100}%`);
    frame.style.setProperty('--y', `${this.y * 100}%`);
    frame.classList.toggle('zoomed', this.zoom > 1);
  }

  /** Lets mouse, touch and keyboard move `frame`; while it fits, a drag goes to `drag(x)` instead, if given. */
  attach(frame, drag) {
    this.#frames.push(frame);
    this.#show(frame);
    this.#listenToPointers(frame, drag);
    frame.addEventListener('wheel', (event) => this.#wheel(frame, event), { passive: false });
    frame.addEventListener('keydown', (event) => this.#key(event));
    frame.addEventListener('dblclick', (event) => {
      if (this.zoom > 1) this.fit();
      else this.zoomBy(3, ...place(frame, event));
    });
  }

  #wheel(frame, event) {
    if (!event.ctrlKey && this.zoom === 1) return; // the page scrolls
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 300)), ...place(frame, event));
  }

  #key(event) {
    if (event.target !== event.currentTarget) return;
    const acts = {
      '+': () => this.zoomBy(1.5),
      '=': () => this.zoomBy(1.5),
      '-': () => this.zoomBy(1 / 1.5),
      0: () => this.fit(),
      ArrowLeft: () => this.panBy(KEY_STEP, 0),
      ArrowRight: () => this.panBy(-KEY_STEP, 0),
      ArrowUp: () => this.panBy(0, KEY_STEP),
      ArrowDown: () => this.panBy(0, -KEY_STEP),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  #listenToPointers(frame, drag) {
    const held = new Map();
    frame.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      held.set(event.pointerId, place(frame, event));
      frame.setPointerCapture(event.pointerId);
      if (held.size === 1 && this.zoom === 1) drag?.(place(frame, event)[0]);
    });
    frame.addEventListener('pointermove', (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const now = place(frame, event);
      if (held.size === 2) this.#pinch(held, event.pointerId, now);
      else if (this.zoom > 1) this.panBy(now[0] - before[0], now[1] - before[1]);
      else drag?.(now[0]);
      held.set(event.pointerId, now);
    });
    for (const kind of ['pointerup', 'pointercancel'])
      frame.addEventListener(kind, (event) => held.delete(event.pointerId));
  }

  #pinch(held, moved, now) {
    const before = held.get(moved);
    const [other] = [...held].filter(([id]) => id !== moved).map(([, at]) => at);
    const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1e-6;
    this.zoomBy(apart(now, other) / apart(before, other), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }
}

function place(frame, event) {
  const box = frame.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

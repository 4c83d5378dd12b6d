// Which region each pixel of a photo belongs to: 0 is none, so regions never overlap.

const UNDO_STEPS = 20;

export class Labels {
  #history = [];

  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height);
    this.clicks = null; // what made the present state, see marker.js; lost with the next change
  }

  /** Keeps the present state, for undo(). */
  mark() {
    this.#history.push({ data: this.data.slice(), clicks: this.clicks });
    if (this.#history.length > UNDO_STEPS) this.#history.shift();
    this.clicks = null;
  }

  get canUndo() {
    return this.#history.length > 0;
  }

  undo() {
    Object.assign(this, this.#history.pop());
  }

  /** A line with round ends from (x0, y0) to (x1, y1) in pixels, `radius` thick to each side. */
  line(x0, y0, x1, y1, radius, label) {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - radius));
    const right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x1) + radius));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - radius));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + radius));
    for (let y = top; y <= bottom; ++y) {
      for (let x = left; x <= right; ++x) {
        const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length2));
        const ex = x - x0 - along * dx;
        const ey = y - y0 - along * dy;
        if (ex * ex + ey * ey <= radius * radius) this.data[y * this.width + x] = label;
      }
    }
  }

  /** Gives every pixel where `inside(index)` holds to `label`. */
  fill(inside, label) {
    for (let i = 0; i < this.data.length; ++i) if (inside(i)) this.data[i] = label;
  }

  /** Takes region `label` away; those after it move up. */
  removeLabel(label) {
    for (let i = 0; i < this.data.length; ++i) {
      if (this.data[i] === label) this.data[i] = 0;
      else if (this.data[i] > label) this.data[i] -= 1;
    }
    this.#history = [];
    this.clicks = null;
  }

  /** The share of all pixels that belongs to `label`. */
  share(label) {
    let count = 0;
    for (const value of this.data) count += value === label ? 1 : 0;
    return count / this.data.length;
  }

  /** Grey pixels for ImageData: white where the label is. */
  mask(label) {
    const rgba = new Uint8ClampedArray(this.data.length * 4);
    for (let i = 0; i < this.data.length; ++i) {
      rgba.fill(this.data[i] === label ? 255 : 0, i * 4, i * 4 + 3);
      rgba[i * 4 + 3] = 255;
    }
    return rgba;
  }

  /** Pixels that tint each region with its colour of `colours` ([r, g, b] of label 1, 2, …). */
  tint(colours, alpha) {
    const rgba = new Uint8ClampedArray(this.data.length * 4);
    for (let i = 0; i < this.data.length; ++i) {
      const colour = colours[this.data[i] - 1];
      if (colour) rgba.set([...colour, alpha], i * 4);
    }
    return rgba;
  }
}

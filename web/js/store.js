// What lies on the desk: the one place for what the page shows and will paint with.
import { recall, remember } from './memory.js';

class Store {
  #listeners = [];

  constructor(initial) {
    Object.assign(this, initial);
  }

  /** Changes some members and tells those who listen to one of them, once. */
  set(patch) {
    const changed = Object.keys(patch).filter((key) => this[key] !== patch[key]);
    Object.assign(this, patch);
    if (changed.length === 0) return;
    for (const { keys, call } of this.#listeners) if (keys.some((key) => changed.includes(key))) call();
  }

  /** Calls `call` whenever one of `keys` changes. */
  on(keys, call) {
    this.#listeners.push({ keys, call });
  }
}

/**
 * A style is {name} of the gallery or {picture} of an uploaded painting. Photos and paintings are what the server says
 * of an upload: {id, name, width, height}.
 */
export const desk = new Store({
  photos: recall('photos') ?? [],
  pending: [], // names of the files that are being uploaded
  photo: null, // id of the one on the stage
  all: false, // paint every photo, not only that one
  paintings: recall('paintings') ?? [],
  styles: [],
  first: null,
  second: null,
  blending: false,
  blend: 50, // per cent of the second style
  settings: {}, // by name, as text; those that differ from the default
  refine: false, // steps towards the painting, where the method is left to the style
  method: 'auto',
  options: {},
  methods: [],
  defaults: [], // GET /api/settings
  regions: null, // see regions.js
  shown: null, // id of the job on the stage
  beside: [], // ids of the jobs that are selected
  comparing: false, // side by side
});

desk.on(['photos'], () => remember('photos', desk.photos));
desk.on(['paintings'], () => remember('paintings', desk.paintings));

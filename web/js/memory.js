// What the browser keeps between visits. A browser that keeps nothing is fine too.
const PREFIX = 'atelier.';

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Private windows refuse; the page then starts afresh each time.
  }
}

export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

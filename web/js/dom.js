// Building elements. Text is always text: nothing here reads markup.

const SVG = 'http://www.w3.org/2000/svg';

function assign(node, name, value) {
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'class') node.className = value;
  else if (name in node && name !== 'list') node[name] = value;
  else if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
}

/** An element with properties or attributes, listeners ("onclick") and children; null and false children are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) assign(node, name, value);
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/** An icon of the sprite in index.html; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button with an icon, a text, or both; without a visible text `label` names it. */
export function button({ icon: symbol, text, label, ...props }, ...more) {
  const named = { 'aria-label': label ?? text, title: label ?? text };
  return el(
    'button',
    { type: 'button', ...named, ...props },
    symbol && icon(symbol),
    text && el('span', {}, text),
    ...more,
  );
}

export const byId = (id) => document.getElementById(id);

let numbers = 0;

/** An id that no other element has. */
export const newId = (stem) => `${stem}-${++numbers}`;

/** Replaces the children of `node` and gives the focus back to the child with the same data-key. */
export function refill(node, ...children) {
  const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  node.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
  if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

// Steps towards the painting after the network's pass: the one option of a method that everyone may want.
import { byId } from './dom.js';
import { desk } from './store.js';

// From there on the painting's large forms are there; more steps bring the photo's edges back.
const OPTIONS = { refine: '24', 'refine-from': '192', 'refine-content': '0.1' };
const FOR_PICTURES = 'ost'; // what paints like a picture where nothing else is asked for

/** Whether the method that paints a style can refine so. */
function canRefine(style) {
  const name = style.picture ? FOR_PICTURES : desk.styles.find((one) => one.name === style.name)?.method;
  const method = desk.methods.find((one) => one.name === name);
  return Boolean(method?.options.some((option) => option.name === 'refine-from'));
}

/** The options of a job whose method is left to the style. */
export const refining = (styles) => (desk.refine && styles.every(canRefine) ? OPTIONS : {});

function render() {
  const styles = [desk.first, desk.blending && desk.second].filter(Boolean);
  const offered = desk.method === 'auto' && (desk.regions || (styles.length > 0 && styles.every(canRefine)));
  byId('refine').closest('.knob').hidden = !offered;
  byId('refine').checked = desk.refine;
}

export function startRefine() {
  byId('refine').addEventListener('change', () => desk.set({ refine: byId('refine').checked }));
  desk.on(['first', 'second', 'blending', 'regions', 'styles', 'methods', 'method', 'refine'], render);
  render();
}

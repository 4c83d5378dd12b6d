// Steps towards the painting after the network's pass: the one option of a method that everyone may want.
import { byId } from './dom.js';
import { desk } from './store.js';

const STEPS = '24'; // from there on the painting's large forms are there; more bring the photo's edges back

/** Whether the method of a gallery style can refine, and does not unless asked to. */
function canRefine(style) {
  const card = desk.styles.find((one) => one.name === style.name);
  const method = desk.methods.find((one) => one.name === card?.method);
  return method?.options.find((option) => option.name === 'refine')?.default === '0';
}

/** The options of a job whose method is left to the style. */
export const refining = (styles) => (desk.refine && styles.every(canRefine) ? { refine: STEPS } : {});

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

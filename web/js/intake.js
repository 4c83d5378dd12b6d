// Pictures come in by dropping, pasting and choosing.
import { byId } from './dom.js';

const isPicture = (item) => item.kind === 'file' && (item.type === '' || item.type.startsWith('image/'));

/** Files dropped on an element with data-drop="KIND", and those pasted, go to receivers[KIND](files). */
export function receiveFiles(receivers) {
  const overlay = byId('drop');
  let depth = 0;

  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const showOverlay = (shown) => {
    overlay.hidden = !shown || Boolean(document.querySelector('dialog[open]'));
  };

  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    showOverlay(true);
  });
  addEventListener('dragleave', (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) showOverlay(false);
  });
  addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    showOverlay(false);
    const kind = event.target.closest?.('[data-drop]')?.dataset.drop ?? 'photo';
    receivers[kind]([...event.dataTransfer.files]);
  });
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.items ?? [])].filter(isPicture).map((item) => item.getAsFile());
    if (files.length === 0) return;
    event.preventDefault();
    receivers[byId('teach').open ? 'teach' : 'photo'](files.filter(Boolean));
  });
}

/** Opens the file dialogue of the hidden input `id` when `opener` is pressed. */
export function opensPicker(opener, id) {
  opener.addEventListener('click', () => byId(id).click());
}

/** Gives the files chosen in the hidden input `id` to `receive`; the same file can be chosen again. */
export function onPicked(id, receive) {
  const input = byId(id);
  input.addEventListener('change', () => {
    const files = [...input.files];
    input.value = '';
    if (files.length > 0) receive(files);
  });
}

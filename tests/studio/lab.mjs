// A studio of its own for each file of tests: `atelier serve` with an empty folder, and a browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { needTools } from './tools.mjs';

const source = fileURLToPath(new URL('../..', import.meta.url));
export const PHOTO = join(source, 'samples/photo.jpg');
export const PAINTING = join(source, 'samples/great-wave.jpg');
/** A scenario takes some seconds; a busy machine may need many more, and a sanitized program many times as long. */
export const SCENARIO = { timeout: 120_000 * Number(process.env.ATELIER_PATIENCE ?? 1) };

const tools = needTools();
const folder = mkdtempSync(join(tmpdir(), 'atelier-studio-'));
let server = null;
let browser = null;
export let base = '';

/** A file for the test to upload. */
export function makeFile(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A file of `size` bytes that takes no room: the rest of it was never written. */
export function makeSparseFile(name, bytes, size) {
  const path = makeFile(name, bytes);
  truncateSync(path, size);
  return path;
}

/** Starts `atelier serve`; the same folder each time, as after a restart. */
export async function startServer(...options) {
  const data = join(folder, 'data');
  const args = ['serve', '--port', '0', '--data', data, '--quiet', ...options];
  server = spawn(process.env.ATELIER_BINARY, args, {
    env: { ...process.env, XDG_DATA_HOME: join(folder, 'home'), OMP_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  base = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (text) => {
      said += text;
      const address = said.match(/http:\/\/[\w.:[\]]+/);
      if (address) resolve(address[0]);
    });
    server.once('exit', (status) => reject(new Error(`atelier serve ended with ${status}`)));
  });
}

export async function stopServer(signal = 'SIGTERM') {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

/** A page of a browser of its own kind; faults in its scripts fail the test that ends with expectNoFaults(page). */
export async function openPage(options = {}, path = '/') {
  browser ??= await tools.chromium.launch({ executablePath: tools.browser, args: ['--no-sandbox', '--disable-gpu'] });
  const usual = { locale: 'en-GB', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };
  const context = await browser.newContext({ ...usual, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(SCENARIO.timeout / 2);
  page.faults = [];
  page.on('pageerror', (fault) => page.faults.push(String(fault)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.faults.push(message.text());
  });
  await page.goto(base + path);
  await page.waitForSelector('html[data-ready]');
  return page;
}

export function expectNoFaults(page) {
  assert.deepEqual(page.faults, []);
}

export async function addPhoto(page, ...files) {
  await page.setInputFiles('#pick-photos', files.length > 0 ? files : [PHOTO]);
  await page.waitForSelector('.stage.photo img');
}

/** Sets the size to its lowest, 256 pixels, so that painting takes little. */
export async function makeSmall(page) {
  await page.focus('#size');
  await page.keyboard.press('Home');
  assert.equal(await page.textContent('#size-out'), '256 px');
}

export const tapStyle = (page, name) => page.click(`#styles [data-key="${name}"]`);

/** Waits for the finished picture on the stage; gives its job's id. */
export async function waitForResult(page, previous = '') {
  await page.waitForFunction((before) => location.hash.startsWith('#job=') && location.hash !== before, previous);
  await page.waitForSelector('.stage.result .divider');
  return jobOf(page);
}

export const jobOf = (page) => new URL(page.url()).hash.replace('#job=', '');

export const ask = async (path) => (await fetch(base + path)).json();

/** What axe-core finds against the page as it is. */
export async function accessibilityFaults(page) {
  await page.evaluate(tools.axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }),
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

after(async () => {
  await browser?.close();
  await stopServer();
  rmSync(folder, { recursive: true, force: true });
});

// What the studio's tests need beside node: playwright-core and axe-core, which npm installs where ATELIER_TOOLS says,
// and a Chromium. Run by itself it installs them; status 77 tells ctest to skip.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SKIP = 77;
const PACKAGES = ['playwright-core@1.65.1', 'axe-core@4.14.1'];
const BROWSERS = [
  process.env.ATELIER_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const folder = join(process.env.ATELIER_TOOLS ?? '', 'studio');
const nameOf = (one) => one.slice(0, one.lastIndexOf('@'));
const isInstalled = () =>
  PACKAGES.every((one) => existsSync(join(folder, 'node_modules', nameOf(one), 'package.json')));

function install() {
  mkdirSync(folder, { recursive: true });
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1', '--prefix', folder];
  spawnSync('npm', ['install', ...PACKAGES, ...options], { timeout: 120_000 });
}

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(SKIP);
}

/** {chromium, axe, browser}: Playwright's driver, axe-core's source and the browser's path; ends the process without. */
export function needTools() {
  const browser = BROWSERS.find((path) => path && existsSync(path));
  if (!browser) skip('there is no Chromium');
  if (!isInstalled()) skip('playwright-core and axe-core are not installed');
  const require = createRequire(join(folder, 'node_modules', 'index.js'));
  return { chromium: require('playwright-core').chromium, axe: require('axe-core').source, browser };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!isInstalled()) install();
  needTools();
}

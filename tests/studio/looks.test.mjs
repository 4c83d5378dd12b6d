// The page for everybody: two languages, phones, keyboards, screen readers, light and dark.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

let job = '';

before(async () => {
  await lab.startServer();
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await lab.tapStyle(page, 'great-wave');
  job = await lab.waitForResult(page);
}, lab.SCENARIO);

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** Brings the page into each of its states and calls `look(name)` there. */
async function everyState(page, look) {
  await look('empty');
  await page.goto(`${lab.base}/#job=${job}`);
  await page.waitForSelector('.stage.result');
  await page.click('[data-key="figures"]');
  await page.waitForSelector('.metrics dd');
  await look('result');
  await page.click('#advanced summary');
  await page.selectOption('#method', 'gatys');
  await look('advanced');
  await page.click('#advanced summary');
  await page.click('#regions-open');
  await page.waitForSelector('.marker canvas');
  await look('regions');
  await page.click('#teach-open');
  await look('teach');
}

test('the browser chooses the language, the switch changes it', lab.SCENARIO, async () => {
  const chinese = await lab.openPage({ locale: 'zh-CN' }, `/#job=${job}`);
  await chinese.waitForSelector('.facts');
  assert.equal(await chinese.getAttribute('html', 'lang'), 'zh-CN');
  assert.match(await chinese.textContent('.facts'), /神奈川冲浪里 · 256 × 17\d 像素/);
  await chinese.fill('#search', '北斋');
  assert.equal(await chinese.locator('.tile').count(), 1);
  await chinese.selectOption('#language', 'en');
  assert.match(await chinese.textContent('.facts'), /The Great Wave/);
  await chinese.reload();
  await chinese.waitForSelector('html[data-ready]');
  assert.equal(await chinese.getAttribute('html', 'lang'), 'en'); // kept

  const german = await lab.openPage({ locale: 'de-DE' });
  assert.equal(await german.getAttribute('html', 'lang'), 'en');
  lab.expectNoFaults(chinese);
});

/** Texts on the page that are English and do not say so. */
const englishTexts = (page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement;
      const ours = !node.closest('[lang="en"], #language, noscript') && node.checkVisibility();
      const { data } = walker.currentNode;
      if (ours && /\b(the|and|of|with|photo|style|picture)\b/i.test(data)) found.push(data);
    }
    return found;
  });

test('on a desk, in light colours, axe-core finds nothing', lab.SCENARIO, async () => {
  const page = await lab.openPage({ bypassCSP: true });
  const faults = [];
  await everyState(page, async (state) => {
    for (const fault of await lab.accessibilityFaults(page)) faults.push(`${state}: ${fault}`);
  });
  assert.deepEqual(faults, []);
});

test('on a phone of 360 pixels, dark and Chinese, all is well too', lab.SCENARIO, async () => {
  const page = await lab.openPage({ ...PHONE, colorScheme: 'dark', locale: 'zh-CN', bypassCSP: true });
  const faults = [];
  await everyState(page, async (state) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 360) faults.push(`${state}: ${width} pixels wide`);
    for (const text of await englishTexts(page)) faults.push(`${state}: in English: ${text}`);
    for (const fault of await lab.accessibilityFaults(page)) faults.push(`${state}: ${fault}`);
  });
  assert.deepEqual(faults, []);
});

test('everything can be done with the keyboard alone', lab.SCENARIO, async () => {
  const page = await lab.openPage({}, `/#job=${job}`);
  await page.waitForSelector('.stage.result');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  const reached = new Set();
  for (let i = 0; i < 90; ++i) {
    await page.keyboard.press('Tab');
    const [name, visible] = await page.evaluate(() => {
      const node = document.activeElement;
      const outlined = [node, ...node.querySelectorAll('*')].some(
        (one) => getComputedStyle(one).outlineStyle !== 'none',
      );
      return [node.id || node.dataset.key || node.className, outlined];
    });
    if (name) assert.ok(visible, `no focus to be seen on ${name}`);
    reached.add(name);
  }
  const wanted = [
    'language',
    'frame',
    'divider',
    'png',
    'again',
    'link',
    'figures',
    'delete',
    'search',
    'teach-open',
    'upload',
    'great-wave',
    'blend-toggle',
    'regions-open',
    'strength',
    'size',
    'color',
    'paint',
    job,
    `s${job}`,
  ];
  assert.deepEqual(
    wanted.filter((name) => ![...reached].some((one) => String(one).split(' ').includes(name))),
    [],
  );
});

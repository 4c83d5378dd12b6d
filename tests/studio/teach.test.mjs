// Teaching a style, from the painting to the photo that is painted with it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

before(() => lab.startServer());

async function choosePainting(page, name, time) {
  await page.click('#teach-open');
  await page.setInputFiles('#pick-teach', lab.PAINTING);
  await page.waitForSelector('#teach-picture:not([hidden])');
  assert.equal(await page.inputValue('#teach-name'), 'great-wave');
  await page.fill('#teach-name', name);
  await page.fill('#teach-heading', 'My wave');
  await page.selectOption('#teach-time', time);
}

const saysStep = (page) =>
  page.waitForFunction(() =>
    /Learning the style · step \d/.test(document.querySelector('#teach-progress p')?.textContent),
  );

test('a painting is learnt while one watches, paints a photo, and is removed', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await choosePainting(page, 'my-wave', 'quick');
  await page.click('#teach-start');
  await saysStep(page);
  const preview = () => page.getAttribute('#teach-picture', 'src');
  await page.waitForFunction(() => document.querySelector('#teach-picture').src.includes('/preview?'));
  const first = await preview();
  await page.waitForFunction((before) => document.querySelector('#teach-picture').getAttribute('src') !== before, first);

  await page.waitForSelector('[data-key="teach-use"]');
  assert.equal(await page.textContent('#teach-progress p'), 'My wave is in the gallery.');
  const card = (await lab.ask('/api/styles')).find((style) => style.name === 'my-wave');
  assert.deepEqual([card.title, card.embedded], ['My wave', false]);
  await page.click('[data-key="teach-use"]');
  const job = await lab.ask(`/api/jobs/${await lab.waitForResult(page)}`);
  assert.deepEqual(job.request.styles, [{ name: 'my-wave', weight: 1 }]);
  assert.equal(job.result.width, 256);

  const tile = page.locator('#styles .style', { has: page.locator('[data-key="my-wave"]') });
  await tile.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector('[data-key="my-wave"] img').naturalWidth > 0);
  await tile.locator('.corner').click();
  await page.click('#confirm [value="yes"]');
  await page.waitForFunction(() => !document.querySelector('[data-key="my-wave"]'));
  assert.ok((await lab.ask('/api/styles')).every((style) => style.name !== 'my-wave'));
  await page.waitForSelector('.stage.result'); // what was painted with it stays
  lab.expectNoFaults(page);
});

test('a style is taught: its progress shows, and it can be stopped', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await choosePainting(page, 'no spaces', 'normal');
  await page.click('#teach-start');
  assert.equal(await page.locator('#teach-progress *').count(), 0); // the browser says what is wrong
  await page.fill('#teach-name', 'my-wave');
  await page.click('#teach-start');
  await saysStep(page);
  await page.click('[data-key="teach-cancel"]');
  await page.waitForFunction(() => document.querySelector('#teach-progress p')?.textContent === 'Cancelled');
  assert.ok((await lab.ask('/api/styles')).every((style) => style.name !== 'my-wave'));
  lab.expectNoFaults(page);
});

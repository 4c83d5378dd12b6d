// Regions: brush, eraser, automatic regions, a style for each.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

before(() => lab.startServer());

const marked = (page) =>
  page.$eval('.marker canvas', (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length / (canvas.width * canvas.height);
  });

async function openRegions(page) {
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await page.click('#regions-open');
  await page.waitForSelector('.marker canvas');
}

test('a brushed region gets its own style, the rest of the photo another', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await openRegions(page);
  await page.click('[data-key="brush"]');
  const box = await page.locator('.marker canvas').boundingBox();
  await page.mouse.move(box.x + 40, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 40, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const brushed = await marked(page);
  assert.ok(brushed > 0.05 && brushed < 0.4, String(brushed));
  await lab.tapStyle(page, 'great-wave');
  await page.click('[data-key="region-0"]');
  await lab.tapStyle(page, 'starry-night');
  await page.click('#paint');
  const job = await lab.ask(`/api/jobs/${await lab.waitForResult(page)}`);
  assert.deepEqual(job.request.styles.map((style) => style.name).sort(), ['great-wave', 'starry-night']);
  assert.equal(new Set(job.request.styles.map((style) => style.mask)).size, 2);
  assert.equal(job.result.width, 256);
  lab.expectNoFaults(page);
});

test('pointing at something marks it, undo takes it back, keys work as the mouse does', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await openRegions(page);
  const box = await page.locator('.marker canvas').boundingBox();
  await page.mouse.click(box.x + box.width * 0.59, box.y + box.height * 0.7); // the stone in the lake
  await page.waitForFunction(() => !document.querySelector('[data-key="undo"]').disabled);
  const found = await marked(page);
  assert.ok(found > 0.001 && found < 0.6, String(found));
  await page.click('[data-key="undo"]');
  assert.equal(await marked(page), 0);

  await page.click('[data-key="patch"]');
  await page.focus('.marker canvas');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await page.waitForFunction(() => !document.querySelector('[data-key="undo"]').disabled);
  const patch = await marked(page);
  assert.ok(patch > 0 && patch < found + 0.3, String(patch));

  await page.click('[data-key="eraser"]');
  await page.focus('.marker canvas');
  await page.keyboard.press('Space');
  assert.ok((await marked(page)) < patch);
  await page.click('[data-key="close-regions"]');
  await page.waitForSelector('.stage.photo');
  lab.expectNoFaults(page);
});

/** Points at (x, y), each 0 to 1; gives what the page asked the server. */
async function pointAt(page, x, y, modifiers = []) {
  const canvas = page.locator('.marker canvas');
  const box = await canvas.boundingBox();
  const asked = page.waitForResponse(/\/region$/);
  await canvas.click({ position: { x: box.width * x, y: box.height * y }, modifiers });
  const answer = await asked;
  assert.equal(answer.status(), 200);
  await page.waitForSelector('.marker:not([aria-busy])');
  return answer.request().postDataJSON();
}

test('what was marked by mistake is taken away by pointing at it', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await openRegions(page);
  await pointAt(page, 0.59, 0.7); // a stone
  const stone = await marked(page);
  const both = await pointAt(page, 0.2, 0.9); // and the water
  assert.equal(both.also.length, 1);
  const withWater = await marked(page);
  assert.ok(withWater > stone + 0.05, `${stone}, ${withWater}`);

  await page.focus('[data-key="less"]');
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('[data-key="less"]', 'aria-pressed'), 'true');
  const less = await pointAt(page, 0.3, 0.9);
  assert.deepEqual([less.also.length, less.not.length], [1, 1]);
  const taken = await marked(page);
  assert.ok(taken < withWater - 0.05 && taken > 0, `${withWater}, ${taken}`);

  await page.click('[data-key="undo"]');
  assert.equal(await marked(page), withWater);
  await page.click('[data-key="more"]');
  const alt = await pointAt(page, 0.3, 0.9, ['Alt']); // the clicks before count again
  assert.deepEqual(alt, less);
  assert.equal(await marked(page), taken);
  lab.expectNoFaults(page);
});

test('pointing takes away what the brush has marked', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await openRegions(page);
  await page.click('[data-key="brush"]');
  assert.equal(await page.locator('[data-key="less"]').count(), 0); // that is the eraser's work
  const box = await page.locator('.marker canvas').boundingBox();
  await page.mouse.move(box.x + 20, box.y + box.height * 0.9);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 20, box.y + box.height * 0.9, { steps: 5 });
  await page.mouse.up();
  const brushed = await marked(page);
  await page.click('[data-key="object"]');
  const asked = await pointAt(page, 0.2, 0.9, ['Alt']);
  assert.equal('not' in asked, false); // nothing was pointed at before: what lies here goes
  const left = await marked(page);
  assert.ok(left < brushed - 0.01, `${brushed}, ${left}`);
  await page.click('[data-key="patch"]');
  await page.click('[data-key="less"]');
  await pointAt(page, 0.9, 0.9);
  assert.ok((await marked(page)) < left);
  lab.expectNoFaults(page);
});

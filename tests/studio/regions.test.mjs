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

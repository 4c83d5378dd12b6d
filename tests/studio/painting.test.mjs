// From a photo to a picture: painting, blending, advanced settings, downloads, comparing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

before(() => lab.startServer());

/** Width and height of a picture, decoded by the browser. */
function sizeOf(page, bytes) {
  return page.evaluate(async (data) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))]));
    return [bitmap.width, bitmap.height];
  }, bytes.toString('base64'));
}

test('photo in, style tapped, picture out; downloads are pictures of the right size', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await lab.tapStyle(page, 'great-wave');
  const job = await lab.ask(`/api/jobs/${await lab.waitForResult(page)}`);
  assert.deepEqual([job.state, job.result.width], ['done', 256]);
  assert.match(await page.textContent('.facts'), /The Great Wave off Kanagawa · 256 × 17\d px/);

  const starts = { png: '89504e47', jpeg: 'ffd8ff', webp: '52494646' };
  for (const [format, start] of Object.entries(starts)) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click(`.downloads [data-key="${format}"]`),
    ]);
    const bytes = readFileSync(await download.path());
    assert.ok(bytes.toString('hex').startsWith(start), format);
    assert.deepEqual(await sizeOf(page, bytes), [job.result.width, job.result.height], format);
  }
  lab.expectNoFaults(page);
});

test('a style is refined when asked to, and not where that is not offered', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  assert.equal(await page.isVisible('#refine'), false);
  await lab.tapStyle(page, 'great-wave');
  await lab.waitForResult(page);
  const plain = new URL(page.url()).hash;
  await page.check('#refine');
  await page.click('#paint');
  const job = await lab.ask(`/api/jobs/${await lab.waitForResult(page, plain)}`);
  assert.deepEqual(
    [job.state, job.request.method, job.request.options],
    ['done', 'auto', { refine: '24', 'refine-from': '192', 'refine-content': '0.1' }],
  );
  const refined = new URL(page.url()).hash;
  await lab.tapStyle(page, 'woodblock');
  const other = await lab.ask(`/api/jobs/${await lab.waitForResult(page, refined)}`);
  assert.deepEqual([other.state, other.request.options ?? {}], ['done', {}]);
  assert.equal(await page.isVisible('#refine'), false);
  lab.expectNoFaults(page);
});

test('two styles are blended by a slider', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await lab.tapStyle(page, 'great-wave');
  await lab.waitForResult(page);
  const before = new URL(page.url()).hash;
  await page.click('#blend-toggle');
  await lab.tapStyle(page, 'starry-night');
  await lab.waitForResult(page, before);
  const even = new URL(page.url()).hash;
  await page.focus('#blend');
  for (let i = 0; i < 20; ++i) await page.keyboard.press('ArrowRight');
  assert.match(await page.getAttribute('#blend', 'aria-valuetext'), /30 % The Great Wave.*70 % The Starry Night/);
  await page.click('#paint');
  const { request } = await lab.ask(`/api/jobs/${await lab.waitForResult(page, even)}`);
  assert.deepEqual(request.styles, [
    { name: 'great-wave', weight: 0.3 },
    { name: 'starry-night', weight: 0.7 },
  ]);
  lab.expectNoFaults(page);
});

test('every method has its form, and what is typed there is asked for', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  const methods = await lab.ask('/api/methods');
  await page.click('#advanced summary');
  const offered = await page.$$eval('#method option', (options) => options.map((option) => option.value));
  assert.deepEqual(offered.sort(), ['auto', ...methods.map((method) => method.name)].sort());
  for (const method of methods) {
    await page.selectOption('#method', method.name);
    const fields = await page.$$eval('#method-options label', (labels) => labels.map((label) => label.textContent));
    assert.deepEqual(
      fields,
      method.options.map((option) => option.name),
    );
  }
  await page.selectOption('#method', 'gatys');
  await page.fill('#method-options [data-key="steps"]', '2');
  await page.check('#method-options [data-key="one-scale"]');
  await page.selectOption('#color', 'luma');
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await page.setInputFiles('#pick-painting', lab.PAINTING);
  await page.waitForSelector('[data-key="cancel"]');
  const { request } = await lab.ask(`/api/jobs/${lab.jobOf(page)}`);
  await page.click('[data-key="cancel"]'); // its two steps take a busy machine long
  assert.deepEqual([request.method, request.options], ['gatys', { steps: '2', 'one-scale': 'true' }]);
  assert.deepEqual([request.settings.color, request.settings.size], ['luma', '256']);
  assert.ok(request.styles[0].picture);
  lab.expectNoFaults(page);
});

test('before and after, zoom, figures and the link, by keyboard', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await lab.tapStyle(page, 'great-wave');
  const id = await lab.waitForResult(page);
  const share = () => page.getAttribute('.divider', 'aria-valuenow');
  await page.focus('.divider');
  await page.keyboard.press('End');
  assert.equal(await share(), '100');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await share(), '98');
  const box = await page.locator('.frame').boundingBox();
  await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
  assert.equal(await share(), '25');
  await page.focus('.frame');
  await page.keyboard.press('+');
  assert.equal(await page.$eval('.frame', (frame) => frame.style.getPropertyValue('--zoom')), '1.5');
  await page.keyboard.press('0');
  assert.equal(await page.$eval('.frame', (frame) => frame.style.getPropertyValue('--zoom')), '1');

  await page.click('[data-key="figures"]');
  await page.waitForSelector('.metrics dd');
  assert.equal(await page.locator('.palette').count(), 2);
  assert.ok((await page.locator('.swatches li').count()) > 2);

  const other = await lab.openPage({}, `/#job=${id}`);
  await other.waitForSelector('.stage.result');
  await other.click('[data-key="again"]');
  assert.match(await other.evaluate(() => document.activeElement.className), /tile/);
  await lab.tapStyle(other, 'scream');
  const again = await lab.ask(`/api/jobs/${await lab.waitForResult(other, `#job=${id}`)}`);
  assert.equal(again.request.content, (await lab.ask(`/api/jobs/${id}`)).request.content);
  assert.equal(again.request.settings.size, '256');
  lab.expectNoFaults(other);
});

/** Drops or pastes the sample photo `count` times on `target`. */
function give(page, event, target, count) {
  return page.evaluate(
    async ([kind, selector, times]) => {
      const bytes = await (await fetch('sample.jpg')).blob();
      const data = new DataTransfer();
      for (let i = 0; i < times; ++i) data.items.add(new File([bytes], `lake-${i}.jpg`, { type: 'image/jpeg' }));
      const carried = kind === 'paste' ? { clipboardData: data } : { dataTransfer: data };
      const made = kind === 'paste' ? ClipboardEvent : DragEvent;
      document.querySelector(selector).dispatchEvent(new made(kind, { ...carried, bubbles: true, cancelable: true }));
    },
    [event, target, count],
  );
}

test(
  'several photos dropped at once are all painted; one is pasted; a painting is dropped as style',
  lab.SCENARIO,
  async () => {
    const page = await lab.openPage();
    await lab.makeSmall(page);
    await give(page, 'drop', '#stage', 2);
    await page.waitForSelector('.photos input:checked');
    await lab.tapStyle(page, 'great-wave');
    await lab.waitForResult(page);
    const two = (await lab.ask('/api/jobs?limit=2')).jobs.map((job) => job.request.content);
    assert.equal((await page.locator('.photo .thumb[data-key]').count()) - 1, new Set(two).size);

    await give(page, 'paste', 'body', 1);
    await page.waitForSelector('.stage.photo');
    await give(page, 'drop', '#styles', 1);
    await page.waitForFunction(() => document.querySelector('#chosen img')?.src.includes('/api/pictures/'));
    lab.expectNoFaults(page);
  },
);

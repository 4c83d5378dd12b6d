// What goes wrong is said in a sentence that helps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';

import * as lab from './lab.mjs';

before(() => lab.startServer());

function chunk(kind, data) {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(kind, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** A PNG that claims `side` × `side` pixels and holds a few. */
function hugePng(side) {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const rows = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

const complaint = (page, name, bytes) => complaintOf(page, lab.makeFile(name, bytes));

async function complaintOf(page, file) {
  await page.setInputFiles('#pick-photos', file);
  const notice = page.locator('.notice.bad').last();
  await notice.waitFor();
  const text = await notice.textContent();
  await notice.locator('button').click();
  return text;
}

test('files that are no pictures, or too large, are refused with a reason', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  assert.match(await complaint(page, 'letter.jpg', 'Dear aunt, this is no picture.'), /letter\.jpg was not taken.*;/s);
  const huge = await complaint(page, 'huge.png', hugePng(50_000));
  assert.match(huge, /huge\.png was not taken.*(pixels|large).*;/s);
  const heavy = lab.makeSparseFile('heavy.jpg', readFileSync(lab.PHOTO), 200 << 20);
  assert.match(
    await complaintOf(page, heavy),
    /That is too large\.the upload has 2097\d{5} bytes and 134217728 are allowed; send smaller pictures/,
  );
  assert.ok(await page.locator('#photos').isHidden());
  assert.equal(await page.locator('.stage.empty').count(), 1);

  await lab.addPhoto(page); // and the studio still works
  lab.expectNoFaults(page);
});

test('a link to nothing says so', lab.SCENARIO, async () => {
  const page = await lab.openPage({}, '/#job=0123456789abcdef');
  assert.match(await page.textContent('.notice.bad'), /not here any more/);
  lab.expectNoFaults(page);
});

test('a request that cannot be met says what to do instead', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await page.click('#advanced summary');
  await page.selectOption('#method', 'johnson');
  await lab.tapStyle(page, 'great-wave');
  assert.match(await page.textContent('.notice.bad, .ended'), /;/); // WHAT WAS WRONG; WHAT TO DO
  assert.match(await page.textContent('#method-says'), /model trained for it/);
  lab.expectNoFaults(page);
});

test('a studio that is gone is missed', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.stopServer();
  await lab.tapStyle(page, 'great-wave');
  await page.waitForSelector('.notice.bad');
  assert.match(await page.textContent('.notice.bad'), /does not answer/);
});

// Jobs while they live: progress, previews, waiting, cancelling.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

before(() => lab.startServer('--jobs', '1'));

test('progress is live, others wait, and cancelling lets them go on', lab.SCENARIO, async () => {
  const page = await lab.openPage();
  await lab.addPhoto(page);
  await lab.makeSmall(page);
  await page.click('#advanced summary');
  await page.selectOption('#method', 'gatys');
  await page.fill('#method-options [data-key="steps"]', '5000');
  await page.setInputFiles('#pick-painting', lab.PAINTING);
  await page.waitForFunction(() => Number(document.querySelector('.status [role=progressbar]')?.ariaValueNow) >= 0);
  const step = async () =>
    Number((await page.textContent('.status p')).match(/step ([\d,]+) of/)?.[1].replace(',', '') ?? 0);
  await page.waitForFunction(() => /step [1-9]/.test(document.querySelector('.status p')?.textContent));
  const first = await step();
  await page.waitForFunction(
    (before) => Number(document.querySelector('.status p').textContent.match(/step (\d+)/)?.[1] ?? 0) > before,
    first,
  );
  await page.waitForFunction(() => /\/preview\?n=/.test(document.querySelector('.stage.job img')?.getAttribute('src')));
  const slow = lab.jobOf(page);

  await page.selectOption('#method', 'auto');
  await lab.tapStyle(page, 'great-wave');
  await page.waitForFunction((before) => location.hash !== `#job=${before}`, slow);
  await page.waitForFunction(() => /Waiting/.test(document.querySelector('.status p')?.textContent));
  const waiting = lab.jobOf(page);
  await page.click('.job.running .corner');
  await lab.waitForResult(page, `#job=${slow}`);
  assert.equal(lab.jobOf(page), waiting);
  assert.equal((await lab.ask(`/api/jobs/${slow}`)).state, 'cancelled');
  await page.waitForSelector('.job.cancelled');
  lab.expectNoFaults(page);
});

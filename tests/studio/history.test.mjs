// What was painted stays: after the server was killed, for side by side, until it is deleted for good.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as lab from './lab.mjs';

before(() => lab.startServer());

test(
  'the history survives a killed server; two pictures stand side by side; deleting is for good',
  lab.SCENARIO,
  async () => {
    const page = await lab.openPage();
    await lab.addPhoto(page);
    await lab.makeSmall(page);
    await lab.tapStyle(page, 'great-wave');
    const first = await lab.waitForResult(page);
    await lab.tapStyle(page, 'scream');
    const second = await lab.waitForResult(page, `#job=${first}`);

    await lab.stopServer('SIGKILL');
    await lab.startServer();
    const later = await lab.openPage();
    assert.deepEqual(await later.$$eval('.job .open', (cards) => cards.map((card) => card.dataset.key)), [
      second,
      first,
    ]);
    await later.click(`.job [data-key="${first}"]`);
    await later.waitForSelector('.stage.result');
    await later.waitForFunction(() =>
      [...document.querySelectorAll('.frame img')].every((image) => image.naturalWidth > 0),
    );
    assert.equal(lab.jobOf(later), first);
    assert.equal(await later.textContent('#chosen strong'), 'The Great Wave off Kanagawa');

    for (const id of [first, second]) await later.check(`[data-key="s${id}"]`);
    await later.click('[data-key="beside"]');
    await later.waitForSelector('.lineup.of-2');
    await later.click('.zoom button:nth-child(2)');
    const zooms = await later.$$eval('.lineup .frame', (frames) =>
      frames.map((frame) => frame.style.getPropertyValue('--zoom')),
    );
    assert.deepEqual(zooms, ['1.5', '1.5']); // they look at the same place

    await later.click(`.job [data-key="${second}"]`);
    await later.click('.actions [data-key="delete"]');
    await later.click('#confirm [value="no"]');
    assert.equal((await lab.ask('/api/jobs')).jobs.length, 2);
    await later.click('.actions [data-key="delete"]');
    await later.click('#confirm [value="yes"]');
    await later.waitForFunction((id) => !document.querySelector(`.job [data-key="${id}"]`), second);
    assert.deepEqual(
      (await lab.ask('/api/jobs')).jobs.map((job) => job.id),
      [first],
    );
    assert.equal((await fetch(`${lab.base}/api/jobs/${second}`)).status, 404);
    lab.expectNoFaults(later);
  },
);

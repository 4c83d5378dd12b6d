// Regions as numbers: brush, fill, undo, masks.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Labels } from '../../web/js/labels.js';

test('a line has round ends and the asked thickness', () => {
  const labels = new Labels(20, 11);
  labels.line(5, 5, 14, 5, 2, 1);
  const at = (x, y) => labels.data[y * 20 + x];
  assert.equal(at(5, 5), 1);
  assert.equal(at(10, 7), 1);
  assert.equal(at(10, 8), 0);
  assert.equal(at(3, 5), 1);
  assert.equal(at(2, 5), 0);
  assert.equal(at(3, 3), 0); // a corner that a square brush would reach
});

test('a dot at the rim stays inside', () => {
  const labels = new Labels(4, 4);
  labels.line(0, 0, 0, 0, 1, 2);
  assert.deepEqual([...labels.data.slice(0, 8)], [2, 2, 0, 0, 2, 0, 0, 0]);
});

test('a pixel belongs to one region: the masks of all are a partition', () => {
  const labels = new Labels(8, 8);
  labels.fill((i) => i < 40, 1);
  labels.fill((i) => i >= 24, 2);
  const masks = [0, 1, 2].map((label) => labels.mask(label));
  for (let i = 0; i < 64; ++i)
    assert.equal(
      masks.reduce((sum, mask) => sum + mask[i * 4], 0),
      255,
    );
  assert.equal(labels.share(1), 24 / 64);
  assert.equal(labels.share(2), 40 / 64);
  assert.ok(masks.every((mask) => mask[3] === 255));
});

test('undo goes back step by step, and no further than the start', () => {
  const labels = new Labels(4, 1);
  assert.equal(labels.canUndo, false);
  labels.mark();
  labels.fill(() => true, 1);
  labels.mark();
  labels.fill(() => true, 2);
  labels.undo();
  assert.deepEqual([...labels.data], [1, 1, 1, 1]);
  labels.undo();
  labels.undo();
  assert.deepEqual([...labels.data], [0, 0, 0, 0]);
});

test('a region that goes leaves its pixels, and those after it move up', () => {
  const labels = new Labels(3, 1);
  labels.data.set([1, 2, 3]);
  labels.removeLabel(2);
  assert.deepEqual([...labels.data], [1, 0, 2]);
});

test('only regions are tinted', () => {
  const labels = new Labels(2, 1);
  labels.data.set([0, 1]);
  assert.deepEqual([...labels.tint([[9, 8, 7]], 100)], [0, 0, 0, 0, 9, 8, 7, 100]);
});

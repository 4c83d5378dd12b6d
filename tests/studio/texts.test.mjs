// The page's texts and its promises about itself; no browser needed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import en from '../../web/i18n/en.js';
import zh from '../../web/i18n/zh-CN.js';

const web = fileURLToPath(new URL('../../web', import.meta.url));
const read = (path) => readFileSync(join(web, path), 'utf8');
const scripts = readdirSync(join(web, 'js')).map((name) => `js/${name}`);
const code = scripts.map(read).join('\n') + read('index.html');
const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)[},]/g)].map((found) => found[1]))].sort();

test('both languages have the same texts with the same placeholders', () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  for (const key of Object.keys(en)) {
    assert.deepEqual(placeholders(zh[key]), placeholders(en[key]), key);
    assert.notEqual(zh[key], '', key);
  }
});

test('every text that the page asks for is there, and none lies idle', () => {
  const asked = [...code.matchAll(/\bt\(\s*'([\w.-]+)'|data-t(?:-label|-placeholder)?="([\w.-]+)"/g)];
  for (const [, inCode, inPage] of asked) assert.ok((inCode ?? inPage) in en, inCode ?? inPage);
  const stems = [...code.matchAll(/`([a-z]+\.)\$\{/g)].map((found) => found[1]);
  const idle = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !code.includes(`"${key}"`) && !stems.some((stem) => key.startsWith(stem)),
  );
  assert.deepEqual(idle, []);
});

test('the page keeps to its content policy: nothing inline, nothing from elsewhere, no markup from text', () => {
  const page = read('index.html');
  assert.doesNotMatch(page, /\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)/i);
  assert.doesNotMatch(page + code, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
});

test('modules are small', () => {
  for (const path of scripts) assert.ok(read(path).split('\n').length <= 300, path);
});

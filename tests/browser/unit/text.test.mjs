import assert from 'node:assert/strict';
import test from 'node:test';
import { paragraphs, runs } from '../../../static/js/text/runs.js';

test('the text is untouched: its runs put together are the text', () => {
  const lines = ['  two spaces  ', 'a\u200bb', '\u202eabc\u202c', 'x\u0007', '👨‍👩‍👧 🇩🇪', 'é e\u0301', '\ufeffbom', '\ud800 lone',
    'می‌خواهم', 'tab\there', ''];
  for (const line of lines) {
    const back = runs(line).map((r) => ('text' in r ? r.text : String.fromCharCode(r.code))).join('');
    assert.equal(back, line);
  }
});

test('what has no shape gets a box; joiners that shape letters and emoji do not', () => {
  assert.deepEqual(runs('a\u202eb').map((r) => r.box ?? r.text), ['a', 'RLO', 'b']);
  assert.deepEqual(runs('\u0000').map((r) => r.box), ['NUL']);
  assert.deepEqual(runs('\u0001').map((r) => r.box), ['U+0001']);
  assert.equal(runs('👨‍👩‍👧').length, 1);
  assert.equal(runs('می‌خواهم').length, 1);
  assert.equal(runs('👍🏿 𠮷').length, 1, 'whole surrogate pairs are letters');
  assert.equal(runs('\udc00\ud800').length, 2, 'halves in the wrong order are not');
});

test('lines end at LF or CR LF; a lone CR is shown', () => {
  assert.equal(paragraphs('a\r\nb\n\nc').length, 4);
  assert.deepEqual(paragraphs('a\rb')[0].map((r) => r.box ?? r.text), ['a', 'CR', 'b']);
});

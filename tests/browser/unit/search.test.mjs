import assert from 'node:assert/strict';
import test from 'node:test';
import { match, rank } from '../../../static/js/core/search.js';

const names = (query, ...all) => rank(all.map((name) => ({ name })), query).map((r) => r.item.name);

test('whole before beginning before inside before scattered', () => {
  assert.deepEqual(names('card', 'discard', 'my_card', 'card', 'card_lost', 'chair and drum'),
    ['card', 'card_lost', 'my_card', 'discard', 'chair and drum']);
});

test('marks and case do not matter', () => {
  assert.ok(match('Überwachung', 'uber'));
  assert.ok(match('CAFÉ', 'café'));
  assert.equal(match('cat', 'dog'), null);
});

test('parts put together are the name, letter for letter', () => {
  for (const name of ['Überwachung', 'İstanbul', 'ﬁre 👍🏿 x', 'café', 'إيجابي', '']) {
    for (const query of ['', 'e', 'ba', 'İ', '👍', 'ist']) {
      for (const { parts } of rank([{ name }], query)) assert.equal(parts.join(''), name);
    }
  }
});

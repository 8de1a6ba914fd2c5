import assert from 'node:assert/strict';
import test from 'node:test';
import * as f from '../../../static/js/core/format.js';
import { addStrings, t } from '../../../static/js/core/i18n.js';
import { en } from '../../../static/i18n/en.js';

test('numbers, shares and sizes', () => {
  assert.equal(f.number(1234567), '1,234,567');
  assert.equal(f.number(0.256, 2), '0.26');
  assert.equal(f.percent(0.784), '78%');
  assert.equal(f.bytes(0), '0 B');
  assert.equal(f.bytes(1536), '1.5 KB');
  assert.equal(f.bytes(5 * 1024 ** 3), '5 GB');
});

test('spans of time', () => {
  assert.equal(f.duration(58000), '0:58');
  assert.equal(f.duration(3723000), '1:02:03');
  assert.equal(f.duration(-5), '0:00');
  assert.equal(f.span(40000), '40 s');
  assert.equal(f.span(7500000), '2 h 5 min');
});

test('relative times go by whole units and survive nonsense', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  assert.equal(f.ago('2026-11-21T11:57:00Z', now), '3 minutes ago');
  assert.equal(f.ago('2026-11-20T12:00:00Z', now), 'yesterday');
  assert.equal(f.ago('2026-11-23T12:00:00Z', now), 'in 2 days');
  assert.equal(f.ago('not a date', now), '–');
  assert.equal(f.date('not a date'), '–');
});

test('characters are counted as people see them', () => {
  assert.equal(f.characters('a👍🏿é👨‍👩‍👧'), 4);
});

test('another language changes all at once', () => {
  f.setLocale('de');
  assert.equal(f.number(1234.5, 1), '1.234,5');
  f.setLocale('en');
  assert.equal(f.number(1234.5, 1), '1,234.5');
});

test('texts: names, plural forms, missing keys', () => {
  addStrings({ a: { b: 'x {name} y {n}', c: { one: '{n} thing', other: '{n} things' } } });
  assert.equal(t('a.b', { name: 'Ana', n: 1200 }), 'x Ana y 1,200');
  assert.equal(t('a.b', { name: '{n}', n: 1 }), 'x {n} y 1', 'a value is not a pattern');
  assert.equal(t('a.c', { n: 1 }), '1 thing');
  assert.equal(t('a.c', { n: 0 }), '0 things');
  assert.equal(t('a.none'), 'a.none');
});

test('a group that has a key named like a plural form is still a group', () => {
  addStrings(en);
  assert.equal(t('reason.other'), en.reason.other);
  assert.equal(t('offline.strip', { n: 1 }), en.offline.strip.one.replace('{n}', '1'));
});

test('a span for the eye', () => {
  assert.equal(f.about(200), '1 second');
  assert.equal(f.about(41000), '41 seconds');
  assert.equal(f.about(119000), '2 minutes');
  assert.equal(f.about(3 * 3600000 - 1), '3 hours');
});

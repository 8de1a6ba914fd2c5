import assert from 'node:assert/strict';
import test from 'node:test';
import { ActiveTime } from '../../../static/js/core/time.js';

test('active counts gaps up to the idle limit, elapsed all', () => {
  let now = 1000;
  const time = new ActiveTime(30000, () => now);
  now += 10000;
  time.touch();
  now += 100000;
  time.touch();
  now += 5000;
  assert.deepEqual(time.read(), { elapsed_ms: 115000, active_ms: 45000 });
});

test('a hidden tab does not count', () => {
  let now = 0;
  const time = new ActiveTime(30000, () => now);
  now = 4000;
  time.show(false);
  now = 24000;
  time.touch();
  time.show(true);
  now = 25000;
  assert.deepEqual(time.read(), { elapsed_ms: 25000, active_ms: 5000 });
});

test('presence ends with the idle limit', () => {
  let now = 0;
  const time = new ActiveTime(30000, () => now);
  assert.equal(time.present, true);
  now = 30001;
  assert.equal(time.present, false);
  time.touch();
  assert.equal(time.present, true);
});

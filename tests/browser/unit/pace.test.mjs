import assert from 'node:assert/strict';
import test from 'node:test';
import { Pace } from '../../../static/js/core/pace.js';

test('the time left follows from the speed since the first look', () => {
  let now = 5000;
  const pace = new Pace(() => now);
  assert.equal(pace.left(100, 1000), null);
  now += 500;
  assert.equal(pace.left(200, 1000), null, 'too early to tell');
  now += 1500;
  assert.equal(pace.left(300, 1000), 7000);
  now += 2000;
  assert.equal(pace.left(300, 1000), 14000, 'it stands still');
  assert.equal(pace.left(1000, 1000), null);
});

test('nothing can be told without a total or without a step', () => {
  let now = 0;
  const pace = new Pace(() => now);
  pace.left(0, 0);
  now = 9000;
  assert.equal(pace.left(0, 0), null);
  assert.equal(pace.left(0, 100), null);
});

import test from 'node:test';
import assert from 'node:assert/strict';
import { Patience } from '../../../static/js/label/patience.js';

test('a picture is asked for again: at once, then ever later, never later than half a minute or so', () => {
  const patience = new Patience(() => 0.5);
  const waits = Array.from({ length: 8 }, () => patience.next({}));
  assert.deepEqual(waits, [0, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('no two people come back in step, and what the server asks for is the least', () => {
  const [low, high] = [new Patience(() => 0), new Patience(() => 1)];
  low.next({});
  high.next({});
  assert.deepEqual([low.next({}), high.next({})], [1600, 2400]);
  assert.equal(low.next({ retryAfter: 10 }), 10000);
  assert.equal(low.next({ retryAfter: 3600 }), 30000, 'a server that asks for an hour is asked sooner');
});

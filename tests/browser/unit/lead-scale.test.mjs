import test from 'node:test';
import assert from 'node:assert/strict';
import { linear, path, stack, thin, ticks, trimMatrix } from '../../../static/js/ui/scale.js';

test('a scale goes both ways and a single value stands in the middle', () => {
  const y = linear(0, 10, 100, 0);
  assert.deepEqual([0, 5, 10].map(y), [100, 50, 0]);
  assert.equal(linear(3, 3, 0, 80)(3), 40);
});

test('ticks are round, ascending and cover the range', () => {
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(0, 3, 5, 1), [0, 1, 2, 3]);
  assert.deepEqual(ticks(0, 0, 5, 1), [0, 1]);
  for (let i = 0; i < 500; i++) {
    const low = (Math.random() - 0.5) * 10 ** (i % 7), high = low + Math.random() * 10 ** (i % 5) + 1e-6;
    const marks = ticks(low, high, 4);
    assert.ok(marks[0] <= low + 1e-9 && marks.at(-1) >= high - 1e-6, `${low} ${high} ${marks}`);
    assert.ok(marks.length <= 8, String(marks));
    assert.ok(marks.every((m, k) => k === 0 || m > marks[k - 1]));
  }
});

test('labels are thinned from the end', () => {
  assert.deepEqual([...thin(5, 500, 50)], [4, 3, 2, 1, 0]);
  assert.deepEqual([...thin(10, 100, 40)], [9, 5, 1]);
});

test('a gap in the data is a gap in the line', () => {
  assert.equal(path([[0, 1], [10, 2], null, [30, 4]]), 'M0 1L10 2M30 4');
  assert.equal(path([[0, 5], [10, 8]], 'step'), 'M0 5H10V8');
});

test('a stacked bar fills its width and shows what is tiny', () => {
  const parts = stack([9990, 10, 0], 100, 3);
  assert.deepEqual(parts.map(p => p.width), [97, 3, 0]);
  assert.deepEqual(parts.map(p => p.x), [0, 97, 100]);
  assert.deepEqual(stack([0, 0], 100).map(p => p.width), [0, 0]);
});

test('a large matrix keeps the classes of the largest confusions, in their order', () => {
  const labels = ['a', 'b', 'c', 'd'];
  const counts = [[9, 0, 0, 0], [0, 9, 0, 7], [0, 0, 9, 1], [0, 0, 0, 9]];
  assert.deepEqual(trimMatrix(labels, counts, 2), { labels: ['b', 'd'], counts: [[9, 7], [0, 9]], hidden: 2 });
  assert.equal(trimMatrix(labels, counts, 4).hidden, 0);
});

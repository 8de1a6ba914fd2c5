import assert from 'node:assert/strict';
import test from 'node:test';
import { LEAST, MOST, fit, held, middle, toImage, zoomAt } from '../../../static/js/image/camera.js';

const view = { width: 1000, height: 600 };

test('fit shows the whole image in the middle', () => {
  for (const image of [{ width: 4000, height: 3000 }, { width: 100, height: 5000 }, { width: 640, height: 480 }]) {
    const c = fit(image, view);
    assert.ok(image.width * c.scale <= view.width && image.height * c.scale <= view.height);
    assert.ok(Math.abs(c.x - (view.width - image.width * c.scale - c.x)) < 1e-9);
  }
});

test('zooming keeps the point under the pointer', () => {
  let c = fit({ width: 4000, height: 3000 }, view);
  for (const [f, x, y] of [[1.2, 10, 20], [1.2, 900, 500], [0.5, 400, 300], [3, 1, 599]]) {
    const before = toImage(c, x, y);
    c = zoomAt(c, f, x, y);
    const after = toImage(c, x, y);
    assert.ok(Math.hypot(before.x - after.x, before.y - after.y) < 1e-6);
  }
});

test('zoom has ends', () => {
  let c = middle({ width: 4000, height: 3000 }, view, 1);
  for (let i = 0; i < 100; i++) c = zoomAt(c, 1.2, 0, 0);
  assert.equal(c.scale, MOST);
  for (let i = 0; i < 200; i++) c = zoomAt(c, 1 / 1.2, 0, 0);
  assert.equal(c.scale, LEAST);
});

test('an image cannot be lost, and its edges can be brought to the middle', () => {
  const image = { width: 400, height: 300 };
  for (const [x, y] of [[1e6, 1e6], [-1e6, -1e6], [1e6, -1e6]]) {
    const c = held({ scale: 2, x, y }, image, view);
    assert.ok(c.x < view.width && c.y < view.height, 'something is in sight');
    assert.ok(c.x + 800 > 0 && c.y + 600 > 0);
  }
  assert.equal(held({ scale: 2, x: 500, y: 300 }, image, view).x, 500);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, matcher } from '../../../static/js/core/router.js';
import { routes } from '../../../static/js/routes.js';

test('names take one part and are decoded', () => {
  const test_ = compile('/jobs/:id/items/:item');
  assert.deepEqual(test_('/jobs/a%2Fb/items/item_7'), { id: 'a/b', item: 'item_7' });
  assert.deepEqual(test_('/jobs/a/items/b/'), { id: 'a', item: 'b' });
  assert.equal(test_('/jobs/a/items'), null);
  assert.equal(test_('/jobs/a/items/b/c'), null);
});

test('a broken escape is not found instead of an exception', () => {
  assert.equal(compile('/jobs/:id')('/jobs/%E0%A4%A'), null);
});

test('fixed paths win over names', () => {
  const find = matcher(routes);
  assert.equal(find('/jobs/new/labels').params.step, 'labels');
  assert.equal(find('/jobs/new').route.path, '/jobs/new');
  assert.equal(find('/jobs/street').params.id, 'street');
  assert.equal(find('/label/street/item_5').params.task, 'item_5');
  assert.equal(find('/nowhere'), null);
  assert.equal(find('/'), null);
});

test('every page but sign-in and joining needs a session', () => {
  assert.deepEqual(routes.filter((r) => r.open).map((r) => r.path), ['/login', '/join/:token']);
});

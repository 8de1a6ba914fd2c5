import assert from 'node:assert/strict';
import test from 'node:test';
import { Drafts, choose } from '../../../static/js/core/drafts.js';
import { memoryStore } from '../../../static/js/core/idb.js';

const local = (revision, sent, value = 'here') => ({ lease: 'l', revision, sent, value, at: 0 });

test('which of two drafts', () => {
  assert.equal(choose(undefined, undefined).use, 'none');
  assert.equal(choose(undefined, { revision: 1, value: 'a' }).use, 'server');
  assert.equal(choose(local(2, 0), undefined).use, 'local');
  assert.equal(choose(local(3, 2), { revision: 2, value: 'a' }).use, 'local', 'the server has what was sent');
  assert.equal(choose(local(2, 2), { revision: 4, value: 'a' }).use, 'server', 'nothing new here');
  assert.equal(choose(local(3, 2), { revision: 3, value: 'there' }).use, 'ask', 'both moved');
  assert.equal(choose(local(3, 2, 'same'), { revision: 3, value: 'same' }).use, 'server', 'to the same');
});

function make(more = {}) {
  const sent = [];
  const timers = [];
  const store = memoryStore();
  const drafts = new Drafts({ store, later: (run, ms) => timers.push({ run, ms }), never: () => {}, now: () => 1000,
    send: async (lease, revision, value) => { sent.push([lease, revision, value]); }, ...more });
  return { drafts, sent, timers, store };
}

test('a change is on disk at once and on the server within 5 s, together with those before it', async () => {
  const { drafts, sent, timers, store } = make();
  await drafts.change('l', { label: 'a' });
  await drafts.change('l', { label: 'b' });
  assert.deepEqual((await store.get('drafts', 'l')).value, { label: 'b' });
  assert.equal(timers.length, 1);
  assert.ok(timers[0].ms <= 5000);
  assert.equal(drafts.unsent, true);
  await drafts.flush();
  assert.deepEqual(sent, [['l', 2, { label: 'b' }]]);
  assert.equal(drafts.unsent, false);
  await drafts.flush();
  assert.equal(sent.length, 1, 'nothing new, nothing sent');
});

test('after a reload the draft is there, and its revision goes on', async () => {
  const { drafts, store } = make();
  await drafts.change('l', { label: 'a' });
  const again = make({ store });
  assert.deepEqual(await again.drafts.open('l', undefined), { value: { label: 'a' } });
  await again.drafts.change('l', { label: 'b' });
  assert.equal((await store.get('drafts', 'l')).revision, 2);
});

test('no network: kept, and tried again', async () => {
  let up = false;
  const states = [];
  const error = Object.assign(new Error(), { status: 0, passing: true });
  const { drafts, timers } = make({ send: async () => { if (!up) throw error; }, onstate: (s) => states.push(s) });
  await drafts.change('l', 1);
  await drafts.flush();
  assert.equal(drafts.unsent, true);
  up = true;
  await drafts.flush();
  assert.equal(drafts.unsent, false);
  assert.deepEqual(states, ['kept', 'failed', 'sent']);
  assert.ok(timers.length >= 2);
});

test('another tab was ahead: theirs is kept aside, ours goes on top', async () => {
  const sent = [];
  let ahead = true;
  const { drafts, store } = make({ send: async (lease, revision) => {
    if (ahead) {
      ahead = false;
      throw Object.assign(new Error(), { status: 409, code: 'draft.older', body: { revision: 7, value: 'theirs' } });
    }
    sent.push(revision);
  } });
  await drafts.change('l', 'ours');
  await drafts.flush();
  await drafts.flush();
  assert.deepEqual(sent, [8]);
  assert.equal((await store.get('drafts', 'l/other')).value, 'theirs');
});

test('both moved: both are given, and what was here is still here', async () => {
  const { drafts, store } = make();
  await drafts.change('l', 'mine');
  const again = make({ store });
  const opened = await again.drafts.open('l', { revision: 5, value: 'theirs' });
  assert.deepEqual(opened, { value: 'mine', ask: { local: 'mine', server: 'theirs' } });
  await again.drafts.flush();
  assert.deepEqual(again.sent, [['l', 6, 'mine']], 'on top of what the server has');
});

test('an answered task leaves no draft; old ones go after a week', async () => {
  const { drafts, store } = make({ now: () => 0 });
  await drafts.change('l', 1);
  await drafts.drop('l');
  assert.deepEqual(await store.all('drafts'), []);
  await drafts.change('old', 1);
  const later = make({ store, now: () => 8 * 86400000 });
  await later.drafts.tidy();
  assert.deepEqual(await store.all('drafts'), []);
});

test('a full disk is told', async () => {
  let told = 0;
  const store = { ...memoryStore(), put: async () => { throw new Error('QuotaExceededError'); } };
  const { drafts, sent } = make({ store, onstorage: () => { told++; } });
  await drafts.change('l', 1);
  await drafts.flush();
  assert.ok(told >= 1);
  assert.equal(sent.length, 1);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../static/js/core/api.js';
import { Claims, Leases } from '../../../static/js/core/lease.js';

function make(more = {}) {
  const state = { now: 0, warned: [], lost: [], extended: [], present: true };
  const leases = new Leases({ seconds: 100, now: () => state.now, present: () => state.present,
    extend: async (lease) => { state.extended.push(lease); }, onwarn: (left) => state.warned.push(left),
    onlost: (lease) => state.lost.push(lease), ...more });
  return { leases, state };
}

test('while somebody is there the leases are extended; else a warning at 20 %', async () => {
  const { leases, state } = make();
  leases.hold('a');
  leases.hold('b');
  leases.setFront('a');
  state.now = 21000;
  leases.tick();
  assert.deepEqual(state.extended.sort(), ['a', 'b']);
  await Promise.resolve();
  state.present = false;
  state.now = 90000;
  leases.tick();
  assert.equal(state.warned.length, 0);
  state.now = 102000;
  leases.tick();
  assert.ok(state.warned.at(-1) > 0 && state.warned.at(-1) < 20000);
  await leases.extendAll();
  assert.equal(state.warned.at(-1), null, 'one key, and all is well');
  assert.ok(leases.left > 90000);
});

test('leases of waiting tasks end quietly, the one in front stays', () => {
  const { leases, state } = make();
  leases.hold('a');
  leases.hold('b');
  leases.setFront('a');
  state.present = false;
  state.now = 100001;
  leases.tick();
  assert.deepEqual(state.lost, ['b']);
  assert.equal(state.warned.at(-1), 0);
});

test('a lease the server no longer knows', async () => {
  const { leases, state } = make({ extend: async () => { throw Object.assign(new Error(), { status: 404 }); } });
  leases.hold('a');
  await leases.extend('a');
  assert.deepEqual(state.lost, ['a']);
});

test('the network away is not a lost lease', async () => {
  const { leases, state } = make({ extend: async () => { throw Object.assign(new Error(), { status: 0 }); } });
  leases.hold('a');
  await leases.extend('a');
  assert.deepEqual(state.lost, []);
});

/** Channels that hear each other within the test. */
class Channel {
  static all = new Set();

  constructor() {
    Channel.all.add(this);
  }

  postMessage(data) {
    for (const other of Channel.all) if (other !== this) setImmediate(() => other.onmessage?.({ data }));
  }

  close() {
    Channel.all.delete(this);
  }
}

test('two tabs: a later one learns what the first has; of two at once one gives way', async () => {
  const lost = [];
  const one = new Claims('x', (l) => lost.push(`one ${l}`), Channel);
  one.id = 'aaa';
  one.take('l1');
  const two = new Claims('x', (l) => lost.push(`two ${l}`), Channel);
  two.id = 'bbb';
  assert.deepEqual([...await two.ask(250)], ['l1']);
  two.take('l2');
  one.take('l2');   // at the same moment
  await new Promise((r) => { setTimeout(r, 250); });
  assert.deepEqual(lost, ['two l2']);
  one.give('l1');
  await new Promise((r) => { setTimeout(r, 250); });
  assert.equal(two.theirs.has('l1'), false);
  one.close();
  two.close();
});

test('without BroadcastChannel a tab is alone', async () => {
  const only = new Claims('x', () => {}, null);
  only.take('l');
  assert.deepEqual([...await only.ask(1)], []);
});

test('a lease is not lost because the network that the computer is in is not let in', async () => {
  const { leases, state } = make({ extend: async () => {
    throw new ApiError(404, { code: 'workforce.address', message: 'not from here' });
  } });
  leases.hold('a');
  await leases.extendAll();
  assert.deepEqual(state.lost, []);
});

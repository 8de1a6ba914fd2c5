import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryStore } from '../../../static/js/core/idb.js';
import { ApiError } from '../../../static/js/core/api.js';
import { Outbox, backoff } from '../../../static/js/core/outbox.js';

/** Numbers by chance that are the same each time. */
function chance(seed) {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

const failure = (status, more = {}) => Object.assign(new Error(`status ${status}`),
  { status, passing: status === 0 || status === 429 || status >= 500, ...more });
const entry = (n, job = 'j') => ({ key: `k${n}`, job, kind: 'answer', lease: `l${n}`, task: {}, body: { lease: `l${n}`, n } });
const settle = async () => { for (let i = 0; i < 20; i++) await new Promise((r) => { setImmediate(r); }); };
const quick = { later: (run) => setImmediate(run), never: clearImmediate };

/** A server that takes each key once and loses requests and replies. */
class Server {
  constructor(random, loss) {
    this.random = random;
    this.loss = loss;
    this.byKey = new Map();
    this.log = [];
  }

  async send(e) {
    const dice = this.random();
    if (dice < this.loss) throw failure(0);
    if (dice < this.loss * 1.5) throw failure(503);
    const known = this.byKey.get(e.key);
    if (!known) {
      this.byKey.set(e.key, { id: `ans_${e.key}`, lease: e.body.lease });
      this.log.push(e);
    }
    if (this.random() < this.loss) throw failure(0);   // the reply is lost
    return this.byKey.get(e.key);
  }
}

test('waits double up to 30 s, and half of each is by chance', () => {
  const full = (n) => backoff(n, () => 1);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 50].map(full), [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(backoff(3, () => 0), 2000);
});

test('under lost requests, lost replies and busy servers: each answer once, in order per job', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = chance(seed);
    const server = new Server(random, 0.3);
    const sent = [];
    const store = memoryStore();
    const outbox = new Outbox({ store, random, ...quick, send: (e) => server.send(e), onsent: (e) => sent.push(e.key) });
    for (let n = 0; n < 30; n++) await outbox.add(entry(n, n % 3 ? 'a' : 'b'));
    assert.equal(await outbox.drained(5000), true, `seed ${seed}`);
    assert.equal(server.byKey.size, 30);
    assert.equal(new Set(sent).size, 30);
    for (const job of ['a', 'b']) {
      const order = server.log.filter((e) => e.job === job).map((e) => e.body.n);
      assert.deepEqual(order, [...order].sort((x, y) => x - y), `seed ${seed}: order of ${job}`);
    }
    assert.deepEqual(await store.all('outbox'), []);
  }
});

test('a page that dies loses nothing: the next one sends what is on disk, none twice', async () => {
  const store = memoryStore();
  const server = new Server(chance(3), 0);
  let up = false;
  const send = (e) => (up ? server.send(e) : server.send(e).then(() => { throw failure(0); }));
  const first = new Outbox({ store, send, later: () => 0, never: () => {} });
  for (let n = 0; n < 5; n++) await first.add(entry(n));
  await settle();
  up = true;
  const second = new Outbox({ store, send, ...quick });
  await second.load();
  assert.equal(await second.drained(2000), true);
  assert.deepEqual(server.log.map((e) => e.body.n), [0, 1, 2, 3, 4]);
});

test('says that the server can store nothing, until it stores again or is out of reach', async () => {
  const replies = [failure(507, { unstored: true }), failure(0), failure(503, { unstored: true }), failure(500), null];
  const seen = [];
  const outbox = new Outbox({ store: memoryStore(), ...quick, onchange: () => seen.push(outbox.stuck),
    send: async () => {
      const reply = replies.shift();
      if (reply) throw reply;
      return {};
    } });
  await outbox.add(entry(1));
  assert.equal(await outbox.drained(2000), true);
  assert.deepEqual(seen.filter((s, i) => s !== seen[i - 1]), [false, true, false, true, false]);
});

test('an entry is on disk before it is sent', async () => {
  const store = memoryStore();
  let seen = null;
  const outbox = new Outbox({ store, ...quick, send: async () => { seen = await store.all('outbox'); return {}; } });
  await outbox.add(entry(1));
  await settle();
  assert.equal(seen.length, 1);
  assert.equal(seen[0].key, 'k1');
});

test('401 stops everything until there is a session again', async () => {
  let signedIn = false;
  let tries = 0;
  const outbox = new Outbox({ store: memoryStore(), ...quick,
    send: async () => { tries++; if (!signedIn) throw failure(401); return { id: 'ans_1' }; } });
  await outbox.add(entry(1));
  await outbox.add(entry(2));
  await settle();
  assert.equal(tries, 1);
  assert.equal(outbox.size, 2);
  signedIn = true;
  outbox.resume();
  await settle();
  assert.equal(outbox.size, 0);
});

test('answers wait while the network that the computer is in is not let in', async () => {
  const outside = new ApiError(404, { code: 'workforce.address', message: 'not from here' });
  const replies = [outside, outside, { id: 'ans_1' }];
  const refused = [];
  const outbox = new Outbox({ store: memoryStore(), ...quick, onrefused: (e) => refused.push(e.key),
    send: async () => {
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    } });
  await outbox.add(entry(1));
  assert.equal(await outbox.drained(2000), true);
  assert.deepEqual([refused, replies], [[], []]);
});

test('a refusal is told and does not hold back the rest', async () => {
  const refused = [];
  const outbox = new Outbox({ store: memoryStore(), ...quick,
    send: async (e) => { if (e.body.n === 1) throw failure(422, { code: 'answer.invalid' }); return {}; },
    onrefused: (e, error) => refused.push([e.key, error.code]) });
  await outbox.add(entry(1));
  await outbox.add(entry(2));
  await settle();
  assert.deepEqual(refused, [['k1', 'answer.invalid']]);
  assert.equal(outbox.size, 0);
});

test('Retry-After is kept to', async () => {
  const waits = [];
  let first = true;
  const outbox = new Outbox({ store: memoryStore(), never: () => {},
    later: (run, ms) => { waits.push(ms); setImmediate(run); },
    send: async () => { if (first) { first = false; throw failure(503, { retryAfter: 17 }); } return {}; } });
  await outbox.add(entry(1));
  await settle();
  assert.equal(waits[0], 17000);
});

test('taking back: never sent, on the wire, and already there', async () => {
  let release = () => {};
  const gate = new Promise((r) => { release = r; });
  const outbox = new Outbox({ store: memoryStore(), ...quick, send: async () => { await gate; return { id: 'x' }; } });
  await outbox.add(entry(1));
  await outbox.add(entry(2));
  assert.equal(await outbox.withdraw('k2'), true, 'behind the one on the wire');
  const wire = outbox.withdraw('k1');
  release();
  assert.equal(await wire, false, 'the server has it');
  assert.equal(await outbox.withdraw('k9'), false);
  assert.equal(outbox.size, 0);
});

test('taking back in doubt: sent once more, withdrawn there, and the new answer follows on its lease', async () => {
  const calls = [];
  let lost = true;
  const outbox = new Outbox({ store: memoryStore(), later: () => 0, never: () => {},
    send: async (e) => {
      calls.push(`send ${e.key} ${e.body.lease}`);
      if (lost) throw failure(0);
      return { id: `ans_${e.key}` };
    },
    undo: async (id) => { calls.push(`undo ${id}`); return { task: { lease: 'lnew' } }; } });
  await outbox.add(entry(1));
  await settle();
  assert.equal(await outbox.withdraw('k1'), true);
  await outbox.add({ ...entry(2), lease: 'l1', body: { lease: 'l1' } });
  lost = false;
  outbox.resume();
  await settle();
  assert.deepEqual(calls, ['send k1 l1', 'send k1 l1', 'undo ans_k1', 'send k2 lnew']);
  assert.equal(outbox.size, 0);
});

test('a full disk is told, and the answer is sent all the same', async () => {
  let told = 0;
  const store = { ...memoryStore(), put: async () => { throw new Error('QuotaExceededError'); } };
  const outbox = new Outbox({ store, ...quick, send: async () => ({}), onstorage: () => { told++; } });
  await outbox.add(entry(1));
  await settle();
  assert.equal(told, 1);
  assert.equal(outbox.size, 0);
});

import test from 'node:test';
import assert from 'node:assert/strict';
import { Launch, partsOf } from '../../../static/js/lead/launch.js';
import { emptyDraft } from '../../../static/js/lead/draft.js';
import { Pager, windowOf } from '../../../static/js/lead/pager.js';

const part = (name, kind = 'file') => ({ key: name, name, kind, type: 'image/png', size: 10, body: async () => new Blob(['x'.repeat(10)]) });
const fault = (status, code) => Object.assign(new Error(code), { status, code, passing: status === 0 || status >= 500 });

/** A server that refuses as told: faults maps "create", "start" or a file's name to errors, used up one by one. */
function bench(faults = {}, imports = {}) {
  const log = [], reads = {};
  const trip = name => { log.push(name); const e = faults[name]?.shift(); if (e) throw e; };
  let state = 'initializing';
  return {
    log, requests: {
      create: async () => { trip('create'); return { id: 'job_1' }; },
      send: async (_job, p, _blob, progress) => { progress(5); trip(p.name); return p.kind === 'items' ? { id: p.name, state: 'running' } : { item: 'item_1', added: true }; },
      readImport: async (_job, id) => { trip(`read ${id}`); reads[id] = (reads[id] ?? 0) + 1; return reads[id] < 3 ? { id, state: 'running' } : { id, state: 'done', lines: 5, added: 5, duplicates: 0, failed: 0, errors: [], ...imports[id] }; },
      start: async () => { trip('start'); state = 'in_progress'; },
      read: async () => ({ state: faults.lost ? 'in_progress' : state }),
      wait: async () => {},
    },
  };
}
const run = async (b, parts, draft = emptyDraft()) => {
  const kept = [];
  const launch = new Launch(draft, parts, b.requests, c => kept.push(c), () => {});
  await launch.go();
  return { launch, kept };
};

test('make, send, wait for the import, start', async () => {
  const b = bench();
  const { launch, kept } = await run(b, [part('a.jsonl', 'items'), part('b.png')]);
  assert.equal(launch.phase, 'done');
  assert.deepEqual(b.log, ['create', 'a.jsonl', 'read a.jsonl', 'read a.jsonl', 'read a.jsonl', 'b.png', 'start']);
  assert.equal(launch.added, 6);
  assert.equal(launch.bytes, 20);
  assert.deepEqual(kept.at(-1), { sent: ['a.jsonl', 'b.png'] });
});

test('a lost connection is tried again by itself', async () => {
  const b = bench({ create: [fault(0, 'network')], 'b.png': [fault(503, 'overloaded'), fault(0, 'network')], start: [fault(500, 'x')] });
  const { launch } = await run(b, [part('b.png')]);
  assert.equal(launch.phase, 'done');
  assert.equal(b.log.filter(l => l === 'b.png').length, 3);
});

test('a failure in the middle keeps what was sent; going on sends the rest only', async () => {
  const gone = Array.from({ length: 4 }, () => fault(0, 'network'));
  const b = bench({ 'c.png': [...gone] });
  const parts = ['a.png', 'b.png', 'c.png', 'd.png'].map(n => part(n));
  const { launch, kept } = await run(b, parts);
  assert.equal(launch.phase, 'failed');
  assert.equal(launch.error.code, 'network');
  const sent = kept.flatMap(k => k.sent ?? []);
  // After a reload: a new Launch from the kept draft.
  const again = new Launch({ ...emptyDraft(), job: 'job_1', sent: kept.at(-1).sent }, parts, b.requests, () => {}, () => {});
  b.log.length = 0;
  await again.go();
  assert.equal(again.phase, 'done');
  assert.ok(!b.log.includes('create'));
  assert.ok(b.log.includes('c.png') && !b.log.includes('a.png') && sent.includes('a.png'));
});

test('refused lines and pictures stop before the start, which can still be had', async () => {
  const b = bench({ 'b.png': [fault(422, 'image.broken')] }, { 'a.jsonl': { failed: 2, errors: [{ line: 3, code: 'json.invalid', message: 'x' }] } });
  const { launch } = await run(b, [part('a.jsonl', 'items'), part('b.png')]);
  assert.equal(launch.phase, 'refused');
  assert.equal(launch.refused, 3);
  assert.deepEqual(launch.refusals.map(r => [r.file, r.line, r.code]), [['a.jsonl', 3, 'json.invalid'], ['b.png', undefined, 'image.broken']]);
  assert.ok(!b.log.includes('start'));
  await launch.start();
  assert.equal(launch.phase, 'done');
});

test('a start whose answer was lost counts as started', async () => {
  const b = bench({ start: [fault(409, 'job.state')], lost: [] });
  assert.equal((await run(b, [])).launch.phase, 'done');
});

test('a name that is taken stops at once', async () => {
  const b = bench({ create: [fault(409, 'job.name_taken')] });
  const { launch } = await run(b, []);
  assert.deepEqual([launch.phase, launch.error.code, b.log.length], ['failed', 'job.name_taken', 1]);
});

test('what is sent for a draft', async () => {
  const files = [['m.jsonl', 'manifest'], ['n.csv', 'csv'], ['t.txt', 'text'], ['p.png', 'image']].map(([name, kind]) => ({ name, kind, size: 3, items: 1, bad: 0, images: false, partial: false }));
  const blob = new Blob(['a\nb'], { type: 'image/png' });
  const parts = partsOf({ ...emptyDraft(), pasted: 'one', files }, () => blob);
  assert.deepEqual(parts.map(p => [p.kind, p.type]), [['items', 'application/x-ndjson'], ['items', 'application/x-ndjson'],
    ['items', 'text/csv'], ['items', 'application/x-ndjson'], ['file', 'image/png']]);
  assert.equal(await (await parts[3].body()).text(), '{"source":"a"}\n{"source":"b"}\n');
  assert.equal(partsOf({ ...emptyDraft(), files, textFiles: 'whole' }, () => blob)[2].kind, 'file');
  assert.equal(partsOf({ ...emptyDraft(), files }, () => undefined).length, 0);
});

test('pages are read in order, failures can be tried again, a stopped pager stays still', async () => {
  const pages = { '': { rows: [1, 2], next: 'x' }, x: { rows: [3] } };
  let fail = true;
  const pager = new Pager(async after => { if (after === 'x' && fail) { fail = false; throw new Error('no'); } return pages[after]; }, () => {});
  await pager.upTo(10);
  assert.deepEqual([pager.rows, pager.state], [[1, 2], 'failed']);
  await pager.more();
  assert.deepEqual([pager.rows, pager.state], [[1, 2, 3], 'end']);
  await pager.more();
  assert.equal(pager.rows.length, 3);
  let late;
  const slow = new Pager(() => new Promise(r => { late = r; }), () => {});
  const reading = slow.more();
  slow.stop();
  late({ rows: [1], next: '' });
  await reading;
  assert.deepEqual(slow.rows, []);
});

test('a search that looked only so far goes on until it has found something', async () => {
  const pages = { '': { rows: [], next: 'a', reached: 100 }, a: { rows: [1], next: 'b', reached: 200 },
    b: { rows: Array.from({ length: 30 }, (_, i) => i), next: 'c', reached: 300 }, c: { rows: [9] } };
  const seen = [];
  const pager = new Pager(async after => pages[after], () => seen.push(pager.reached));
  await pager.more();
  assert.deepEqual([pager.rows.length, pager.state, pager.reached], [31, 'idle', 300]);
  assert.deepEqual(seen, [0, 100, 200, 300]);
  await pager.more();
  assert.deepEqual([pager.rows.length, pager.state, pager.reached], [32, 'end', 0]);
});

test('only what is in sight is drawn', () => {
  assert.deepEqual(windowOf({ scroll: 1000, height: 600, row: 100, count: 10000, columns: 6 }),
    { from: 54, to: 102, before: 900, after: (1667 - 17) * 100 });
  assert.deepEqual(windowOf({ scroll: 0, height: 600, row: 100, count: 3, columns: 6 }), { from: 0, to: 3, before: 0, after: 0 });
  assert.deepEqual(windowOf({ scroll: 0, height: 600, row: 100, count: 0, columns: 6 }), { from: 0, to: 0, before: 0, after: 0 });
  const end = windowOf({ scroll: 1e9, height: 600, row: 100, count: 1000, columns: 4 });
  assert.equal(end.to, 1000);
});

// Addresses in buckets, what a job out of a bucket is made of, and the lines for AWS clients.

import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { awsLines } from '../../../static/js/lead/awslines.js';
import { cloneRequest, nextName } from '../../../static/js/lead/clonerequest.js';
import { changeDraft, draftProblems, emptyDraft, jobRequest, nameIsFine, refusalOf }
  from '../../../static/js/lead/draft.js';
import { Launch, partsOf } from '../../../static/js/lead/launch.js';
import { fieldError, uriProblem } from '../../../static/js/lead/uri.js';

test('addresses: what may be one, and what is wrong with the others', () => {
  for (const fine of ['s3://abc/', 's3://a.b-c9/k', ' s3://bucket/a b/é 👍🏿 ', 'https://host/b/k',
    `s3://bucket/${'k'.repeat(1024)}`]) assert.equal(uriProblem(fine, { key: true }), '', fine);
  assert.equal(uriProblem('s3://bucket'), '');
  assert.equal(uriProblem('s3://bucket', { key: true }), 'key');
  for (const wrong of ['bucket/k', 'S3://bucket/k', 's3:/bucket/k', '/data/x']) {
    assert.equal(uriProblem(wrong), 'scheme', wrong);
  }
  for (const wrong of ['s3://', 's3://ab/k', 's3://Bucket/k', 's3://-ab/k', 's3://ab_c/k',
    `s3://${'b'.repeat(64)}/k`]) assert.equal(uriProblem(wrong), 'bucket', wrong);
  // The limit is one of bytes, not of characters.
  assert.equal(uriProblem(`s3://bucket/${'é'.repeat(512)}`), '');
  assert.equal(uriProblem(`s3://bucket/${'é'.repeat(513)}`), 'long');
});

test('a sentence of the server belongs to its field', () => {
  assert.equal(fieldError({ field: 'source', message: 'No.' }, 'source'), 'No.');
  assert.equal(fieldError({ field: 'output', message: 'No.' }, 'source'), '');
  assert.equal(fieldError(null, 'source'), '');
});

test('a draft with a bucket has data; its type is guessed only from what is sure', () => {
  const type = (bucket) => changeDraft(emptyDraft(), { bucket }).type;
  assert.equal(type('s3://bucket/pictures/'), 'image-classification');
  assert.equal(type('s3://bucket/a.JPG'), 'image-classification');
  assert.equal(type('s3://bucket/items.manifest'), '');
  assert.equal(type('s3:/'), '');
  const codes = (some) => draftProblems({ ...emptyDraft(), ...some }).map((p) => p.code);
  assert.ok(codes({}).includes('nodata'));
  assert.ok(!codes({ bucket: 's3://bucket/k' }).includes('nodata'));
  assert.ok(codes({ bucket: 'bucket/k' }).includes('badbucket'));
  assert.ok(codes({ output: 's3://x' }).includes('badoutput'));
  assert.ok(!codes({ output: 's3://xyz' }).includes('badoutput'));
});

test('what the server refused stands in the way until it is changed', () => {
  const draft = { ...emptyDraft(), output: 's3://nobody/x', refused: ['output', 's3://nobody/x', 'No bucket.'] };
  assert.equal(refusalOf(draft, 'output', draft.output), 'No bucket.');
  assert.ok(draftProblems(draft).some((p) => p.code === 'badoutput' && p.step === 'quality'));
  const other = { ...draft, output: 's3://nobody/y' };
  assert.equal(refusalOf(other, 'output', other.output), '');
  assert.ok(!draftProblems(other).some((p) => p.code === 'badoutput'));
});

test('availability: hours in the form, seconds in the request', () => {
  const wrong = (availability) => draftProblems({ ...emptyDraft(), availability })
    .some((p) => p.code === 'availability');
  for (const hours of [null, 1 / 60, 1, 720]) assert.ok(!wrong(hours), String(hours));
  for (const hours of [0, 0.01, 720.1, NaN, -1]) assert.ok(wrong(hours), String(hours));
  assert.equal(jobRequest(emptyDraft()).availability_seconds, undefined);
  assert.equal(jobRequest({ ...emptyDraft(), availability: 0.0167 }).availability_seconds, 60);
});

/** A server whose import from a bucket runs until `ends`. */
function bench(ends) {
  const log = [];
  let left = 3;
  return { log, requests: {
    create: async () => ({ id: 'job_1' }),
    send: async (_job, part) => { log.push(`send ${part.name}`); return { id: 'import_7', state: 'running' }; },
    readImport: async (_job, id) => {
      log.push(`read ${id}`);
      return --left > 0 ? { id, state: 'running', message: 'The bucket does not answer.' }
        : { id, lines: 4, added: 4, duplicates: 0, failed: 0, errors: [], ...ends };
    },
    start: async () => { log.push('start'); },
    read: async () => ({ state: 'initializing' }),
    wait: async () => {},
  } };
}

test('an import from a bucket is begun once and waited for, also by another page', async () => {
  const draft = { ...emptyDraft(), bucket: ' s3://bucket/k.jsonl ' };
  const parts = partsOf(draft, () => undefined);
  assert.deepEqual(parts.map((p) => [p.kind, p.name]), [['bucket', 's3://bucket/k.jsonl']]);
  const first = bench({ state: 'done' });
  const kept = [];
  const launch = new Launch(draft, parts, first.requests, (c) => kept.push(c), () => {
    if (launch.importing?.message) launch.stop();   // the person leaves while the bucket is waited for
  });
  await launch.go();
  assert.equal(launch.phase, 'failed');
  const later = Object.assign({ ...draft }, ...kept);
  assert.equal(later.reading, 'bucket:s3://bucket/k.jsonl import_7');
  const second = bench({ state: 'done' });
  const again = new Launch(later, partsOf(later, () => undefined), second.requests, () => {}, () => {});
  await again.go();
  assert.equal(again.phase, 'done');
  assert.equal(again.added, 4);
  assert.deepEqual(second.log, ['read import_7', 'read import_7', 'read import_7', 'start']);
});

test('an import that failed is begun anew by the next try', async () => {
  const draft = { ...emptyDraft(), bucket: 's3://bucket/k' };
  const one = bench({ state: 'failed', lines: 0, message: 'There is no such key.' });
  const kept = [];
  const launch = new Launch(draft, partsOf(draft, () => undefined), one.requests, (c) => kept.push(c), () => {});
  await launch.go();
  assert.equal(launch.phase, 'failed');
  assert.equal(launch.error.message, 'There is no such key.');
  assert.equal(Object.assign({ ...draft }, ...kept).reading, '');
});

test('names of copies: counted on, and always names the server takes', () => {
  assert.equal(nextName('birds'), 'birds-2');
  assert.equal(nextName('birds-2'), 'birds-3');
  assert.equal(nextName('birds-99'), 'birds-100');
  for (const name of ['7', 'a', 'x'.repeat(63), `${'y'.repeat(61)}-9`, 'a-2026']) {
    assert.ok(nameIsFine(nextName(name)), `${name} → ${nextName(name)}`);
    assert.notEqual(nextName(name), name);
  }
});

test('the request of a copy', () => {
  const job = { label_attribute: 'species' };
  const value = { title: ' T ', labels: 'output', same: true, attribute: '' };
  assert.deepEqual(cloneRequest(value, 'n', job), { name: 'n', title: 'T', labels: 'output', label_attribute: 'species' });
  assert.deepEqual(cloneRequest({ ...value, same: false, attribute: ' second ' }, 'n', job),
    { name: 'n', title: 'T', labels: 'output', label_attribute: 'second' });
});

test('the lines for AWS clients are what a shell and Python read as they are meant', () => {
  const key = { access_key_id: 'PLQZ7', secret_access_key: "a/b+c'd$e f" };
  const lines = awsLines('http://127.0.0.1:8080', key);
  const words = (line) => execFileSync('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${line}`],
    { encoding: 'utf8' }).trimEnd().split('\n');
  assert.deepEqual(words(lines[0].line), ['configure', 'set', 'aws_access_key_id', 'PLQZ7', '--profile', 'plumbline']);
  assert.equal(words(lines[1].line)[3], key.secret_access_key);
  assert.deepEqual(words(lines[2].line).slice(-2), ['sagemaker', 'list-labeling-jobs']);
  assert.ok(words(lines[2].line).includes('http://127.0.0.1:8080'));
  assert.match(lines[3].line, /endpoint_url="http:\/\/127\.0\.0\.1:8080"/);
});

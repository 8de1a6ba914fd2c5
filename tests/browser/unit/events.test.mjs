import assert from 'node:assert/strict';
import test from 'node:test';
import { jobEvents } from '../../../static/js/core/events.js';

/** A source that the test speaks through. */
class Source {
  static open = [];

  constructor(url) {
    this.url = url;
    this.heard = {};
    Source.open.push(this);
  }

  addEventListener(kind, listener) {
    this.heard[kind] = listener;
  }

  close() {
    Source.open = Source.open.filter((s) => s !== this);
  }
}

/** Channels whose messages come from outside the tab. */
class Channel {
  static said = [];

  static here = null;

  constructor(name) {
    this.name = name;
    Channel.here = this;
  }

  postMessage(data) {
    Channel.said.push(data);
  }

  close() {}
}

const parts = { EventSource: Source, BroadcastChannel: Channel };
const pause = (ms) => new Promise((r) => { setTimeout(r, ms); });

test('a tab alone becomes the source, once for all its listeners, and tells other tabs', async () => {
  Channel.said = [];
  const got = [];
  const one = jobEvents('job 1', (kind, data) => got.push([kind, data.n]), parts);
  const two = jobEvents('job 1', (kind, data) => got.push(['two', data.n]), parts);
  await pause(260);
  assert.equal(Source.open.length, 1);
  assert.equal(Source.open[0].url, '/api/v1/jobs/job%201/events');
  Source.open[0].heard.counts({ data: '{"n":5}' });
  assert.deepEqual(got, [['counts', 5], ['two', 5]]);
  assert.ok(Channel.said.some((m) => m.kind === 'counts' && m.data.n === 5));
  const late = [];
  const three = jobEvents('job 1', (kind, data) => late.push(data.n), parts);
  assert.deepEqual(late, [5], 'who comes late is told the last state');
  one();
  two();
  assert.equal(Source.open.length, 1);
  three();
  assert.equal(Source.open.length, 0, 'the last listener closes it');
});

test('a tab that hears another one does not connect, but hears its events', async () => {
  const got = [];
  const stop = jobEvents('job_2', (kind, data) => got.push([kind, data]), parts);
  Channel.here.onmessage({ data: { alive: '0' } });
  await pause(260);
  assert.equal(Source.open.length, 0);
  Channel.here.onmessage({ data: { kind: 'round', data: 7 } });
  assert.deepEqual(got, [['round', 7]]);
  stop();
});

test('of two sources the one with the smaller name stays', async () => {
  const stop = jobEvents('job_3', () => {}, parts);
  await pause(260);
  assert.equal(Source.open.length, 1);
  Channel.here.onmessage({ data: { alive: 'zzzz' } });
  assert.equal(Source.open.length, 1);
  Channel.here.onmessage({ data: { alive: '0' } });
  assert.equal(Source.open.length, 0);
  stop();
});

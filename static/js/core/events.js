// @ts-check
// Server events of a job. A browser keeps one EventSource a job, whatever the number of tabs: one
// tab (the source) reads and tells the others over a BroadcastChannel. A tab that hears nothing of a
// source for a while becomes one; of two sources the one with the smaller name stays.

import { tab } from './ids.js';
import { address, url } from './api.js';

const ALIVE = 3000;    // ms between signs of life of the source
const SILENT = 8000;   // ms of silence after which the source counts as gone
const KINDS = ['counts', 'round', 'import', 'export'];

/** @typedef {(kind: string, data: any) => void} Listener */

class JobEvents {
  /** @param {string} job @param {{EventSource?: any, BroadcastChannel?: any}} [with_] */
  constructor(job, { EventSource: Source = globalThis.EventSource,
    BroadcastChannel: Channel = globalThis.BroadcastChannel } = {}) {
    this.job = job;
    this.Source = Source;
    /** @type {Set<Listener>} */
    this.listeners = new Set();
    /** @type {Map<string, any>} the last event of each kind, for tabs that come late */
    this.last = new Map();
    /** @type {any} */
    this.source = null;
    this.heard = 0;
    /** @type {any} */
    this.channel = Channel ? new Channel(`plumbline-events-${job}`) : null;
    if (!this.channel) {
      this.lead();
      return;
    }
    this.channel.onmessage = (/** @type {MessageEvent} */ e) => this.hear(e.data);
    this.channel.postMessage({ ask: tab });
    this.first = setTimeout(() => { if (!this.heard) this.lead(); }, 200);
    const jitter = Math.random() * 1000;
    this.timer = setInterval(() => this.tick(jitter), ALIVE);
  }

  /** @param {number} jitter ms, so that not all tabs rise at once */
  tick(jitter) {
    if (this.source) this.channel.postMessage({ alive: tab });
    else if (Date.now() - this.heard > SILENT + jitter) this.lead();
  }

  /** @param {any} message */
  hear(message) {
    if (message.ask && this.source) {
      this.channel.postMessage({ alive: tab });
      for (const [kind, data] of this.last) this.channel.postMessage({ kind, data });
    } else if (message.alive) {
      this.heard = Date.now();
      if (this.source && message.alive < tab) this.follow();
    } else if (message.gone) {
      this.heard = Date.now() - SILENT + 300 * Math.random();
    } else if (message.kind) this.tell(message.kind, message.data);
  }

  lead() {
    if (this.source || !this.Source) return;
    this.source = new this.Source(address(url`/jobs/${this.job}/events`));
    this.channel?.postMessage({ alive: tab });
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (/** @type {MessageEvent} */ e) => {
        const data = JSON.parse(e.data);
        this.channel?.postMessage({ kind, data });
        this.tell(kind, data);
      });
    }
  }

  follow() {
    this.source?.close();
    this.source = null;
  }

  /** @param {string} kind @param {any} data */
  tell(kind, data) {
    this.last.set(kind, data);
    for (const listener of this.listeners) listener(kind, data);
  }

  close() {
    clearTimeout(this.first);
    clearInterval(this.timer);
    if (this.source) this.channel?.postMessage({ gone: tab });
    this.follow();
    this.channel?.close();
  }
}

/** @type {Map<string, JobEvents>} */
const open = new Map();

/**
 * Listens to a job. `listener(kind, data)` is called with kind counts | round | import | export.
 * @param {string} job @param {Listener} listener @param {any} [with_] other classes, for tests
 * @returns {() => void} stops listening
 */
export function jobEvents(job, listener, with_) {
  let events = open.get(job);
  if (!events) {
    events = new JobEvents(job, with_);
    open.set(job, events);
  }
  const mine = events;
  mine.listeners.add(listener);
  for (const [kind, data] of mine.last) listener(kind, data);
  return () => {
    mine.listeners.delete(listener);
    if (mine.listeners.size || open.get(job) !== mine) return;
    open.delete(job);
    mine.close();
  };
}

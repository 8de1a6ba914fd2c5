// @ts-check
// The leases a tab holds: kept alive while somebody is there, a warning when the time of the task in
// front runs out, given back on leaving. And which tab of the browser has which lease.

import { tab } from './ids.js';

/**
 * @typedef {object} Parts
 * @property {number} seconds length of a lease
 * @property {(lease: string) => Promise<any>} extend
 * @property {() => boolean} present whether somebody is at work
 * @property {(left: number | null) => void} onwarn ms left of the task in front; null: all is well
 * @property {(lease: string) => void} onlost a lease that is no longer ours
 * @property {() => number} [now] ms, never going back: the wall clock of this computer may be wrong
 */

export class Leases {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.now = parts.now ?? (() => performance.now());
    this.length = 1000 * parts.seconds;
    /** @type {Map<string, number>} lease -> when it ends, by our own clock */
    this.ends = new Map();
    this.front = '';
    this.warned = false;
    this.beat = Math.min(30000, this.length / 5);
    this.beaten = this.now();
  }

  /** @param {string} lease @param {number} [left] ms it has left, where that is known */
  hold(lease, left = this.length) {
    this.ends.set(lease, this.now() + left);
  }

  /** @param {string} lease */
  drop(lease) {
    this.ends.delete(lease);
    if (lease === this.front) this.setFront('');
  }

  /** The task in front of the person. @param {string} lease */
  setFront(lease) {
    this.front = lease;
    this.warn();
  }

  /** ms left of the task in front */
  get left() {
    return (this.ends.get(this.front) ?? this.now()) - this.now();
  }

  /** Called each second. */
  tick() {
    if (this.parts.present() && this.now() - this.beaten >= this.beat) this.extendAll();
    this.warn();
    for (const [lease, end] of this.ends) {
      if (lease !== this.front && end < this.now()) {
        this.ends.delete(lease);
        this.parts.onlost(lease);
      }
    }
  }

  warn() {
    const low = this.front !== '' && this.left < 0.2 * this.length;
    if (low) this.parts.onwarn(Math.max(0, this.left));
    else if (this.warned) this.parts.onwarn(null);
    this.warned = low;
  }

  /** Extends every lease held here; one request each. */
  async extendAll() {
    this.beaten = this.now();
    await Promise.all([...this.ends.keys()].map((lease) => this.extend(lease)));
    this.warn();
  }

  /** @param {string} lease */
  async extend(lease) {
    try {
      await this.parts.extend(lease);
      if (this.ends.has(lease)) this.hold(lease);
    } catch (/** @type {any} */ error) {
      const gone = (error.status === 404 || error.status === 409) && !error.outside;
      if (!gone || !this.ends.has(lease)) return;
      if (lease !== this.front) this.ends.delete(lease);
      this.parts.onlost(lease);
    }
  }
}

/** Tells the tabs of one browser apart: each task is in one of them only. */
export class Claims {
  /** @param {string} name @param {(lease: string) => void} onlost another tab has it, and before us
   *  @param {any} [Channel] */
  constructor(name, onlost, Channel = globalThis.BroadcastChannel) {
    /** @type {Set<string>} */
    this.mine = new Set();
    /** @type {Set<string>} */
    this.theirs = new Set();
    this.onlost = onlost;
    this.id = tab;
    /** @type {any} */
    this.channel = Channel ? new Channel(`plumbline-tabs-${name}`) : null;
    if (this.channel) this.channel.onmessage = (/** @type {MessageEvent} */ e) => this.hear(e.data);
  }

  /** @param {any} message */
  hear(message) {
    if (message.ask && this.mine.size) this.say({ has: [...this.mine] });
    for (const lease of message.has ?? []) {
      if (!this.mine.has(lease) || message.from > this.id) {
        if (this.mine.has(lease)) this.say({ has: [lease] });
        else this.theirs.add(lease);
      } else {
        this.mine.delete(lease);
        this.theirs.add(lease);
        this.onlost(lease);
      }
    }
    for (const lease of message.gives ?? []) this.theirs.delete(lease);
  }

  /** @param {object} message */
  say(message) {
    this.channel?.postMessage({ ...message, from: this.id });
  }

  /** What other tabs have; they are given a moment to say so. @param {number} [ms] */
  async ask(ms = 150) {
    if (!this.channel) return this.theirs;
    this.say({ ask: true });
    await new Promise((resolve) => { setTimeout(resolve, ms); });
    return this.theirs;
  }

  /** @param {string} lease */
  take(lease) {
    this.mine.add(lease);
    this.say({ has: [lease] });
  }

  /** @param {string} lease */
  give(lease) {
    if (this.mine.delete(lease)) this.say({ gives: [lease] });
  }

  close() {
    if (this.mine.size) this.say({ gives: [...this.mine] });
    this.channel?.close();
  }
}

// @ts-check
// The row of tasks: one in front, two ready behind it, the answers given lately. No drawing here.

import * as api from '../core/api.js';
import { hex128 } from '../core/ids.js';
import { Claims, Leases } from '../core/lease.js';
import { batch, signal } from '../core/store.js';
import { ActiveTime } from '../core/time.js';
import { watchWork } from './work.js';

/** @typedef {import('../types.js').Task} Task */
/** @typedef {{task: Task, ready: Promise<any>}} Slot */
/** @typedef {{key: string, task: Task, label: string, id: string, kind: 'answer' | 'skip'}} Given */

const AHEAD = 2;       // tasks ready behind the one in front
const HISTORY = 20;    // answers that Z can reach
const POLL = 10000;    // ms between looks for new work when there was none

export class Flow {
  /** @param {{job: string, guide: import('../types.js').Guide, work: import('./work.js').Work,
   *  kind: import('./kinds.js').Kind, notify: (key: string, values?: any, kind?: string) => void}} parts */
  constructor({ job, guide, work, kind, notify }) {
    this.job = job;
    this.guide = guide;
    this.work = work;
    this.kind = kind;
    this.notify = notify;
    /** @type {import('../../vendor/signals-core.js').Signal<Slot | null>} the task in front */
    this.current = signal(null);
    /** @type {import('../../vendor/signals-core.js').Signal<'loading' | 'task' | 'none'>} */
    this.phase = signal('loading');
    /** Why there is no task: none_left, waiting, paused, ended, offline, unstored, failed. */
    this.none = signal('');
    /** @type {import('../../vendor/signals-core.js').Signal<string | null>} the label picked, not yet submitted */
    this.picked = signal(null);
    /** @type {import('../../vendor/signals-core.js').Signal<string>} */
    this.comment = signal('');
    /** @type {import('../../vendor/signals-core.js').Signal<number | null>} ms left when the lease runs out soon */
    this.warning = signal(null);
    /** @type {import('../../vendor/signals-core.js').Signal<Given[]>} newest last */
    this.history = signal([]);
    /** @type {import('../../vendor/signals-core.js').Signal<{word: '' | 'kept' | 'sent', at: number}>} */
    this.kept = signal({ word: '', at: 0 });
    /** @type {import('../../vendor/signals-core.js').Signal<{local: any, server: any} | null>} two drafts, one wanted */
    this.ask = signal(null);
    this.count = signal(0);
    /** @type {Slot[]} */
    this.queue = [];
    /** @type {Promise<void> | null} */
    this.filling = null;
    /** @type {Map<string, string>} key of an entry -> id of the answer on the server */
    this.sentIds = new Map();
    /** @type {any} why there is no task, when something failed */
    this.failure = null;
    this.taking = false;
    /** @type {{lease: string, label: string} | null} what Z took away, for ⇧Z */
    this.undone = null;
    this.time = new ActiveTime(kind.idle);
    this.leases = new Leases({
      seconds: guide.lease_seconds,
      extend: (lease) => api.post(api.url`/leases/${lease}/extend`, {}, { quiet: true }),
      present: () => this.time.present,
      onwarn: (left) => { this.warning.value = left; },
      onlost: (lease) => this.lost(lease),
    });
    this.claims = new Claims(`${work.person}-${job}`, (lease) => this.lost(lease));
    this.gone = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.poll = undefined;
    this.unwatch = watchWork({
      onsent: (entry, reply) => this.sent(entry, reply),
      onrefused: (entry, error) => this.refused(entry, error),
      onstate: (state) => { if (state !== 'failed') this.kept.value = { word: state, at: Date.now() }; },
    });
    this.ticker = setInterval(() => this.leases.tick(), 1000);
  }

  /** @param {string} [wanted] the item in the address, if one of ours */
  async start(wanted) {
    const others = await this.claims.ask();
    const { tasks } = await api.get(`${api.url`/jobs/${this.job}/next`}?n=10`);
    const sending = new Set(this.work.outbox.entries.map((e) => e.lease));
    for (const task of tasks) {
      if (others.has(task.lease) || sending.has(task.lease)) continue;
      if (task.item === wanted) this.queue.unshift(this.slot(task));
      else this.queue.push(this.slot(task));
    }
    this.leases.extendAll();   // how much of them is left is known to the server only
    await this.advance();
  }

  /** @param {Task} task @returns {Slot} */
  slot(task) {
    this.claims.take(task.lease);
    this.leases.hold(task.lease);
    const ready = this.kind.prepare(task);
    ready.catch(() => {});   // shown when the task comes to the front
    return { task, ready };
  }

  /** Leases what is missing behind the task in front. One request at a time. @returns {Promise<void>} */
  fill() {
    this.filling ??= this.leaseMore().finally(() => { this.filling = null; });
    return this.filling;
  }

  async leaseMore() {
    const want = 1 + AHEAD - this.queue.length - (this.current.peek() ? 1 : 0);
    if (want <= 0 || this.gone) return;
    try {
      const reply = await api.post(api.url`/jobs/${this.job}/leases`, { n: want });
      // No task and no reason: nothing beyond what this person holds already.
      this.none.value = reply.none ?? (reply.tasks.length ? '' : 'none_left');
      for (const task of reply.tasks) {
        if (task.item === this.current.peek()?.task.item) this.renew(task);
        else if (!this.holds(task.lease)) this.queue.push(this.slot(task));
      }
    } catch (/** @type {any} */ error) {
      this.none.value = error.status === 0 ? 'offline'
        : error.unstored ? 'unstored' : error.code === 'job.state' ? 'paused' : 'failed';
      this.failure = error;
    }
  }

  /** The task in front, whose lease was over, has been leased to us anew. @param {Task} task */
  renew(task) {
    const slot = this.current.peek();
    if (!slot || slot.task.lease === task.lease) return;
    const touched = this.picked.peek() !== null || this.comment.peek() !== '';
    this.leases.drop(slot.task.lease);
    this.claims.give(slot.task.lease);
    this.work.drafts.drop(slot.task.lease);
    slot.task.lease = task.lease;
    this.claims.take(task.lease);
    this.leases.hold(task.lease);
    this.leases.setFront(task.lease);
    if (touched) this.change({});
  }

  /** @param {string} lease */
  holds(lease) {
    return this.current.peek()?.task.lease === lease || this.queue.some((s) => s.task.lease === lease);
  }

  /** Brings the next task to the front. */
  async advance() {
    const next = this.queue.shift() ?? null;
    if (!next) {
      batch(() => {
        this.current.value = null;
        if (this.none.peek()) this.phase.value = 'none';
        else this.phase.value = 'loading';
      });
      await this.fill();
      if (this.current.peek() || this.gone) return;
      if (this.queue.length) await this.advance();
      else {
        this.phase.value = 'none';
        clearTimeout(this.poll);
        this.poll = setTimeout(() => this.again(), this.none.peek() === 'offline' ? 2000 : POLL);
      }
      return;
    }
    const answer = next.task.answer?.label ?? null;
    batch(() => {
      this.current.value = next;
      this.phase.value = 'task';
      this.picked.value = answer;
      this.comment.value = '';
      this.count.value += 1;
    });
    this.time.start();
    this.leases.setFront(next.task.lease);
    await Promise.all([this.fill(), this.restore(next, answer)]);
  }

  /** Looks for work once more. */
  async again() {
    if (!this.gone && !this.current.peek()) await this.advance();
  }

  /** The draft of a task, from here or from the server. @param {Slot} slot @param {string | null} answer */
  async restore(slot, answer) {
    const { value, ask } = await this.work.drafts.open(slot.task.lease, slot.task.draft);
    if (this.current.peek() !== slot || this.picked.peek() !== answer) return;
    if (value) this.useDraft(value);
    if (ask) this.ask.value = ask;
  }

  /** @param {any} value */
  useDraft(value) {
    batch(() => {
      if (value.label !== undefined) this.picked.value = value.label;
      this.comment.value = value.comment ?? '';
      this.ask.value = null;
    });
  }

  /** A step: the label picked, or the comment. @param {{label?: string | null, comment?: string}} some */
  change(some) {
    const slot = this.current.peek();
    if (!slot) return;
    batch(() => {
      if (some.label !== undefined) this.picked.value = some.label;
      if (some.comment !== undefined) this.comment.value = some.comment;
    });
    const value = { label: this.picked.peek(), comment: this.comment.peek() || undefined };
    this.work.drafts.change(slot.task.lease, value);
  }

  /** Gives the answer that is picked. @returns {boolean} false: something is missing */
  submit() {
    const slot = this.current.peek();
    const label = this.picked.peek();
    if (!slot || label === null) return false;
    this.give(slot, 'answer', label, { lease: slot.task.lease, answer: { label },
      ...this.time.read(), label_set_version: this.guide.label_set_version });
    return true;
  }

  /** @param {string} reason @param {string} [comment] */
  skip(reason, comment) {
    const slot = this.current.peek();
    if (!slot) return;
    this.give(slot, 'skip', reason, { lease: slot.task.lease, reason, comment: comment || undefined });
  }

  /** @param {Slot} slot @param {'answer' | 'skip'} kind @param {string} label @param {any} body */
  give(slot, kind, label, body) {
    const { task } = slot;
    const key = hex128();
    this.work.outbox.add({ key, job: this.job, kind, lease: task.lease, body, task })
      .then(() => { if (this.kept.peek().word !== 'sent') this.kept.value = { word: 'kept', at: Date.now() }; });
    this.work.drafts.drop(task.lease);
    this.history.value = [...this.history.peek().slice(1 - HISTORY), { key, task, label, id: '', kind }];
    this.undone = null;
    this.putAway(slot);
    this.advance();
  }

  /** @param {Slot} slot */
  putAway(slot) {
    this.leases.drop(slot.task.lease);
    this.claims.give(slot.task.lease);
    slot.ready.then((ready) => this.kind.discard(ready), () => {});
  }

  /** @param {import('../core/outbox.js').Entry} entry @param {any} reply */
  sent(entry, reply) {
    this.kept.value = { word: 'sent', at: Date.now() };
    if (entry.job !== this.job) return;
    if (reply?.id) this.sentIds.set(entry.key, reply.id);
    if (reply?.extra && entry.kind === 'answer') this.notify('label.extra', {}, 'warn');
    this.history.value = this.history.peek()
      .map((g) => (g.key === entry.key ? { ...g, id: reply?.id ?? '-' } : g));
    // Only now the server knows whether there is more for this person.
    if (this.phase.peek() === 'none') this.again();
  }

  /** The server will not take an answer: the task comes back on top, with the reason.
   *  @param {import('../core/outbox.js').Entry} entry @param {any} error */
  refused(entry, error) {
    this.notify('label.refused', { reason: error.message }, 'bad');
    if (entry.job !== this.job) return;
    this.history.value = this.history.peek().filter((g) => g.key !== entry.key);
    if (error.status !== 404 && error.status !== 409 && error.status !== 403) {
      this.front({ ...entry.task, answer: entry.body.answer });
    }
  }

  /** Puts a task before the one in front. @param {Task} task */
  front(task) {
    const slot = this.current.peek();
    if (slot) this.queue.unshift(slot);
    this.current.value = null;
    this.queue.unshift(this.slot(task));
    this.count.value -= slot ? 2 : 1;
    return this.advance();
  }

  /** Z: clears the pick, or else takes back the last answer. @returns {Promise<void>} */
  async undo() {
    const slot = this.current.peek();
    const picked = this.picked.peek();
    const first = slot?.task.answer?.label ?? null;
    if (slot && picked !== null && picked !== first) {
      this.change({ label: first });
      this.undone = { lease: slot.task.lease, label: picked };
      return;
    }
    await this.takeBack();
  }

  async takeBack() {
    const given = this.history.peek().at(-1);
    if (!given || this.taking) {
      if (!given) this.notify('label.nothingBack');
      return;
    }
    this.taking = true;
    try {
      await this.withdraw(given);
    } catch (/** @type {any} */ error) {
      if (error.code === 'answer.settled') this.notify('label.settled', {}, 'warn');
      else {
        this.history.value = [...this.history.peek(), given];
        if (error.unstored) this.notify('label.notBackNow', {}, 'warn');
        else this.notify('label.notBack', { reason: error.message }, 'bad');
      }
    } finally {
      this.taking = false;
    }
  }

  /** @param {Given} given */
  async withdraw(given) {
    this.history.value = this.history.peek().filter((g) => g !== given);
    const answer = given.kind === 'answer' ? { label: given.label } : undefined;
    if (await this.work.outbox.withdraw(given.key)) {
      await this.front({ ...given.task, answer });
      return;
    }
    // While the outbox was asked the reply may have come, and with it the id of the answer.
    const id = this.sentIds.get(given.key) ?? given.id;
    if (given.kind === 'skip' || !id || id === '-') {
      this.notify('label.skipStays', {}, 'warn');
      return;
    }
    const { task } = await api.del(api.url`/answers/${id}`);
    await this.front({ ...task, answer: task.answer ?? answer });
  }

  /** ⇧Z: what Z took away. */
  redo() {
    const slot = this.current.peek();
    if (!slot || this.undone?.lease !== slot.task.lease) return;
    const { label } = this.undone;
    this.undone = null;
    this.change({ label });
  }

  /** A lease is over, or another tab has the task. @param {string} lease */
  lost(lease) {
    const slot = this.current.peek();
    if (slot?.task.lease === lease) {
      if (this.claims.theirs.has(lease)) {
        this.notify('label.otherTab', {}, 'warn');
        this.current.value = null;
        this.putAway(slot);
        this.advance();
      } else this.warning.value = 0;   // the answer is still taken, in its slot or as an extra one
      return;
    }
    const at = this.queue.findIndex((s) => s.task.lease === lease);
    if (at < 0) return;
    this.putAway(this.queue.splice(at, 1)[0]);
    this.fill().then(() => this.again());
  }

  /** Gives the task in front back, unanswered. */
  async release() {
    const slot = this.current.peek();
    if (!slot) return;
    this.work.drafts.drop(slot.task.lease);
    this.current.value = null;
    this.putAway(slot);
    await api.del(api.url`/leases/${slot.task.lease}`, { quiet: true }).catch(() => {});
    await this.advance();
  }

  /** Gives back what nobody has touched. @param {boolean} all also the task in front (the person goes
   *  elsewhere; on reload it stays) */
  letGo(all) {
    const slots = [...this.queue];
    const slot = this.current.peek();
    const touched = this.picked.peek() !== null || this.comment.peek() !== '';
    if (slot && all && !touched) slots.push(slot);
    for (const { task } of slots) {
      api.del(api.url`/leases/${task.lease}`, { keepalive: true, quiet: true }).catch(() => {});
      this.leases.drop(task.lease);
      this.claims.give(task.lease);
    }
    this.queue = [];
  }

  destroy() {
    this.gone = true;
    this.letGo(true);
    clearInterval(this.ticker);
    clearTimeout(this.poll);
    this.unwatch();
    this.claims.close();
    this.work.drafts.flush();
    const slot = this.current.peek();
    if (slot) slot.ready.then((ready) => this.kind.discard(ready), () => {});
  }
}

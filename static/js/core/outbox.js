// @ts-check
// Answers on their way. A record is on disk before anything is sent and leaves it when the server has
// said that it has the answer; its key makes sending it twice the same as once. Per job the order
// in which the answers were given is kept: one that cannot be sent holds back those after it.

/**
 * @typedef {object} Entry
 * @property {string} key Idempotency-Key
 * @property {number} seq order
 * @property {string} job
 * @property {'answer' | 'skip'} kind
 * @property {string} lease
 * @property {any} body
 * @property {any} task what was on the screen, to bring it back
 * @property {string} created RFC 3339
 * @property {boolean} [doubt] a try ended without a word from the server: it may have the answer
 * @property {boolean} [withdrawn] taken back while in doubt: sent once more, then withdrawn there
 * @property {number} [wait] ms the server asked to wait
 */

/**
 * @typedef {object} Parts
 * @property {import('./idb.js').Store} store
 * @property {(entry: Entry) => Promise<any>} send rejects with an ApiError
 * @property {(answer: string) => Promise<any>} [undo] withdraws an answer on the server
 * @property {(entry: Entry, reply: any) => void} [onsent]
 * @property {(entry: Entry, error: any) => void} [onrefused] the server will never take it
 * @property {() => void} [onchange]
 * @property {() => void} [onstorage] the disk refused a record; it lives in memory only
 * @property {() => number} [random] 0…1
 * @property {(run: () => void, ms: number) => any} [later]
 * @property {(timer: any) => void} [never]
 */

/** Milliseconds before the n-th try after the first: 1, 2, 4 … 30 s, half of it by chance.
 *  @param {number} tries @param {() => number} [random] */
export function backoff(tries, random = Math.random) {
  const full = Math.min(30000, 1000 * 2 ** Math.min(tries - 1, 10));
  return full * (0.5 + 0.5 * random());
}

export class Outbox {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.random = parts.random ?? Math.random;
    this.later = parts.later ?? ((run, ms) => setTimeout(run, ms));
    this.never = parts.never ?? ((timer) => clearTimeout(timer));
    /** @type {Entry[]} in the order of seq */
    this.entries = [];
    /** @type {Map<string, Promise<any>>} key -> what is on the wire */
    this.flying = new Map();
    /** @type {Set<string>} jobs whose first entry is being sent */
    this.running = new Set();
    /** @type {Map<string, {timer: any, wake: () => void}>} jobs that wait before the next try */
    this.resting = new Map();
    this.paused = false;
    /** Whether the server, when last tried, was there and could store nothing. */
    this.stuck = false;
    this.seq = 0;
  }

  /** How many answers the server does not have yet. */
  get size() {
    return this.entries.length;
  }

  /** Takes in what is on disk: at the start, and what another tab left behind. @param {number} [age]
   *  ms; younger entries belong to a tab that is still at work */
  async load(age = 0) {
    const limit = Date.now() - age;
    for (const entry of await this.parts.store.all('outbox')) {
      const known = this.entries.some((e) => e.key === entry.key);
      if (known || (age && Date.parse(entry.created) >= limit)) continue;
      this.entries.push({ ...entry, doubt: true });
    }
    this.entries.sort((a, b) => a.seq - b.seq);
    this.seq = Math.max(this.seq, ...this.entries.map((e) => e.seq));
    this.changed();
    this.sendAll();
  }

  /**
   * Keeps an answer and starts to send it. Resolves when it is on disk.
   * @param {Omit<Entry, 'seq' | 'created'>} entry
   */
  async add(entry) {
    this.seq = Math.max(this.seq + 1, Date.now());
    const full = { ...entry, seq: this.seq, created: new Date().toISOString() };
    this.entries.push(full);
    this.changed();
    try {
      await this.parts.store.put('outbox', full.key, full);
    } catch {
      this.parts.onstorage?.();
    }
    this.run(full.job);
  }

  /**
   * Takes an entry back. True: it never left, or the server never had it. False: the server has it,
   * and it must be withdrawn there.
   * @param {string} key
   */
  async withdraw(key) {
    const flight = this.flying.get(key);
    if (flight) await flight.catch(() => {});
    const entry = this.entries.find((e) => e.key === key);
    if (!entry) return false;
    if (entry.doubt) {
      // It may have arrived. Only sending it again (same key) can tell; then it is withdrawn there.
      entry.withdrawn = true;
      await this.parts.store.put('outbox', key, entry).catch(() => {});
      return true;
    }
    // It is taken off before the disk is asked, so that the loop cannot send it meanwhile.
    this.entries = this.entries.filter((e) => e !== entry);
    this.changed();
    await this.parts.store.del('outbox', key).catch(() => {});
    return true;
  }

  /** Stops sending: the session is over. */
  pause() {
    this.paused = true;
  }

  /** Sends again at once: a new session, or the network is back. */
  resume() {
    this.paused = false;
    for (const rest of [...this.resting.values()]) rest.wake();
    this.sendAll();
  }

  /** Resolves when nothing is left, or false after a while. @param {number} ms */
  async drained(ms) {
    const end = Date.now() + ms;
    this.resume();
    while (this.size && Date.now() < end) await new Promise((r) => { this.later(() => r(0), 50); });
    return this.size === 0;
  }

  sendAll() {
    for (const job of new Set(this.entries.map((e) => e.job))) this.run(job);
  }

  changed() {
    this.parts.onchange?.();
  }

  /** Sends the entries of a job one after the other. @param {string} job */
  async run(job) {
    if (this.running.has(job)) return;
    this.running.add(job);
    let tries = 0;
    for (;;) {
      const entry = this.entries.find((e) => e.job === job);
      if (!entry || this.paused) break;
      const outcome = await this.attempt(entry);
      if (outcome === 'again') {
        tries++;
        await this.rest(job, tries);
      } else tries = 0;
    }
    this.running.delete(job);
  }

  /** One try. @param {Entry} entry @returns {Promise<'done' | 'again'>} */
  async attempt(entry) {
    const flight = this.parts.send(entry).then((reply) => this.settle(entry, reply));
    this.flying.set(entry.key, flight);
    try {
      const reply = await flight;
      this.stick(false);
      await this.finish(entry);
      if (!entry.withdrawn) this.parts.onsent?.(entry, reply);
      return 'done';
    } catch (/** @type {any} */ error) {
      this.stick(error.unstored === true);
      if (error.status === 401) {
        this.paused = true;
        return 'again';
      }
      if (error.passing || error.status === undefined) {
        entry.doubt = true;
        entry.wait = 1000 * (error.retryAfter ?? 0);
        return 'again';
      }
      await this.finish(entry);
      if (!entry.withdrawn) this.parts.onrefused?.(entry, error);
      return 'done';
    } finally {
      this.flying.delete(entry.key);
    }
  }

  /** @param {boolean} stuck */
  stick(stuck) {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.changed();
  }

  /** The second half of taking back: the server gives the task out anew, maybe under a new lease.
   *  @param {Entry} entry @param {any} reply */
  async settle(entry, reply) {
    if (!entry.withdrawn || !reply?.id || !this.parts.undo) return reply;
    const undone = await this.parts.undo(reply.id);
    const lease = undone?.task?.lease;
    if (!lease || lease === entry.lease) return reply;
    for (const later of this.entries) {
      if (later === entry || later.lease !== entry.lease) continue;
      later.lease = lease;
      later.body = { ...later.body, lease };
      await this.parts.store.put('outbox', later.key, later).catch(() => {});
    }
    return reply;
  }

  /** @param {Entry} entry */
  async finish(entry) {
    this.entries = this.entries.filter((e) => e !== entry);
    await this.parts.store.del('outbox', entry.key).catch(() => {});
    this.changed();
  }

  /** @param {string} job @param {number} tries */
  rest(job, tries) {
    if (this.paused) return Promise.resolve();
    const entry = this.entries.find((e) => e.job === job);
    const ms = Math.max(backoff(tries, this.random), entry?.wait ?? 0);
    return new Promise((/** @type {(v: void) => void} */ resolve) => {
      const wake = () => {
        this.never(timer);
        this.resting.delete(job);
        resolve();
      };
      const timer = this.later(wake, ms);
      this.resting.set(job, { timer, wake });
    });
  }
}

// @ts-check
// Unfinished answers. Each change is written to this computer at once and to the server within a few
// seconds. Revisions tell which of the two is the newer; when both moved, the person is asked.

/**
 * @typedef {object} Kept
 * @property {string} lease
 * @property {number} revision counts the changes
 * @property {number} sent the revision that the server has
 * @property {any} value
 * @property {number} at ms, when it was changed
 */

/**
 * @typedef {object} Parts
 * @property {import('./idb.js').Store} store
 * @property {(lease: string, revision: number, value: any, keepalive: boolean) => Promise<void>} send
 * @property {number} [delay] ms until a change goes to the server
 * @property {(state: 'kept' | 'sent' | 'failed') => void} [onstate]
 * @property {() => void} [onstorage]
 * @property {(run: () => void, ms: number) => any} [later]
 * @property {(timer: any) => void} [never]
 * @property {() => number} [now]
 */

const WEEK = 7 * 86400000;

/**
 * Which draft to show: what is kept here, what the server has, or both when each has changes that
 * the other has not.
 * @param {Kept | undefined} local @param {{revision: number, value: any} | undefined} server
 * @returns {{use: 'none' | 'local' | 'server' | 'ask'}}
 */
export function choose(local, server) {
  if (!local) return { use: server ? 'server' : 'none' };
  if (!server || server.revision <= local.sent) return { use: 'local' };
  if (local.revision <= local.sent) return { use: 'server' };
  const same = JSON.stringify(local.value) === JSON.stringify(server.value);
  return { use: same ? 'server' : 'ask' };
}

export class Drafts {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.delay = parts.delay ?? 4000;
    this.later = parts.later ?? ((run, ms) => setTimeout(run, ms));
    this.never = parts.never ?? ((timer) => clearTimeout(timer));
    this.now = parts.now ?? Date.now;
    /** @type {Map<string, Kept>} */
    this.open_ = new Map();
    /** @type {any} */
    this.timer = null;
  }

  /** A step of the person. Resolves when it is on disk. @param {string} lease @param {any} value */
  async change(lease, value) {
    const before = this.open_.get(lease);
    const kept = { lease, value, at: this.now(), sent: before?.sent ?? 0,
      revision: Math.max(before?.revision ?? 0, before?.sent ?? 0) + 1 };
    this.open_.set(lease, kept);
    this.timer ??= this.later(() => this.flush(), this.delay);
    try {
      await this.parts.store.put('drafts', lease, kept);
      this.parts.onstate?.('kept');
    } catch {
      this.parts.onstorage?.();
    }
  }

  /** Sends what the server does not have. @param {boolean} [keepalive] the page is about to go */
  async flush(keepalive = false) {
    this.never(this.timer);
    this.timer = null;
    for (const kept of [...this.open_.values()]) {
      if (kept.revision > kept.sent) await this.push(kept, keepalive);
    }
  }

  /** @param {Kept} kept @param {boolean} keepalive */
  async push(kept, keepalive) {
    try {
      await this.parts.send(kept.lease, kept.revision, kept.value, keepalive);
      await this.noteSent(kept.lease, kept.revision);
    } catch (/** @type {any} */ error) {
      if (error.code === 'draft.older') await this.overtaken(kept, error.body);
      else if (error.passing || error.status === 401) {
        this.parts.onstate?.('failed');
        this.timer ??= this.later(() => this.flush(), this.delay);
      }
      // Anything else: the lease is over. The draft stays here until it is answered or a week old.
    }
  }

  /** Somebody with the same lease (another tab) was ahead: theirs is kept aside, ours goes on top.
   *  @param {Kept} kept @param {any} theirs */
  async overtaken(kept, theirs) {
    const now = this.open_.get(kept.lease);
    if (!now) return;
    await this.parts.store.put('drafts', `${kept.lease}/other`, { ...theirs, at: this.now() }).catch(() => {});
    now.sent = Number(theirs?.revision) || now.revision;
    now.revision = now.sent + 1;
    this.timer ??= this.later(() => this.flush(), this.delay);
  }

  /** @param {string} lease @param {number} revision */
  async noteSent(lease, revision) {
    const now = this.open_.get(lease);
    if (!now) return;
    now.sent = Math.max(now.sent, revision);
    await this.parts.store.put('drafts', lease, now).catch(() => {});
    if (now.revision === now.sent) this.parts.onstate?.('sent');
  }

  /**
   * The draft to begin with. `ask` holds both when only the person can tell.
   * @param {string} lease @param {{revision: number, value: any} | undefined} server
   * @returns {Promise<{value: any, ask?: {local: any, server: any}}>}
   */
  async open(lease, server) {
    /** @type {Kept | undefined} */
    const local = await this.parts.store.get('drafts', lease).catch(() => undefined);
    const { use } = choose(local, server);
    const sent = Math.max(local?.sent ?? 0, server?.revision ?? 0);
    const value = use === 'server' ? server?.value : local?.value;
    if (use !== 'none') {
      const revision = use === 'server' ? sent : Math.max(local?.revision ?? 0, use === 'ask' ? sent + 1 : 0);
      this.open_.set(lease, { lease, value, sent, revision, at: local?.at ?? this.now() });
    }
    if (use !== 'ask') return { value };
    await this.parts.store.put('drafts', `${lease}/other`, { ...server, at: this.now() }).catch(() => {});
    return { value, ask: { local: local?.value, server: server?.value } };
  }

  /** The answer is on its way: its draft is no longer wanted. @param {string} lease */
  async drop(lease) {
    this.open_.delete(lease);
    await this.parts.store.del('drafts', lease).catch(() => {});
    await this.parts.store.del('drafts', `${lease}/other`).catch(() => {});
  }

  /** Forgets what nobody came back to for a week. */
  async tidy() {
    for (const kept of await this.parts.store.all('drafts').catch(() => [])) {
      if (this.now() - kept.at > WEEK) await this.parts.store.del('drafts', kept.lease).catch(() => {});
    }
  }

  /** Whether something is not on the server yet. */
  get unsent() {
    return [...this.open_.values()].some((k) => k.revision > k.sent);
  }
}

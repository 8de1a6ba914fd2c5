// @ts-check
// The person's answers and drafts on this computer, opened once after sign-in; sends what is left
// over from before.

import * as api from '../core/api.js';
import { Drafts } from '../core/drafts.js';
import { openStore } from '../core/idb.js';
import { Outbox } from '../core/outbox.js';
import { demandSignIn } from '../core/session.js';
import { effect, online, person, storage, stuck, waiting } from '../core/store.js';

/** @typedef {{person: string, store: import('../core/idb.js').Store, outbox: Outbox, drafts: Drafts}} Work */
/** @typedef {import('../core/outbox.js').Entry} Entry */

/** @type {Promise<Work> | null} */
let opened = null;
let owner = '';
/** @type {Set<{onsent?: (entry: Entry, reply: any) => void, onrefused?: (entry: Entry, error: any) => void,
 *  onstate?: (state: 'kept' | 'sent' | 'failed') => void}>} */
const watchers = new Set();

/** @param {typeof watchers extends Set<infer T> ? T : never} watcher */
export function watchWork(watcher) {
  watchers.add(watcher);
  return () => { watchers.delete(watcher); };
}

/** @param {Entry} entry */
async function send(entry) {
  const path = entry.kind === 'skip' ? 'skips' : 'answers';
  const options = { quiet: true, headers: { 'Idempotency-Key': entry.key } };
  try {
    return await api.post(`${api.url`/jobs/${entry.job}`}/${path}`, entry.body, options);
  } catch (/** @type {any} */ error) {
    // The slot went to somebody else meanwhile; the server has kept the answer as an extra one.
    if (error.code === 'lease.gone' && entry.kind === 'answer') return { extra: true };
    // A skip that went through before its reply was lost has no lease any more: it is done.
    if (entry.kind === 'skip' && (error.status === 404 || error.status === 409) && !error.outside) {
      return { extra: true };
    }
    throw error;
  }
}

/** @param {string} id */
async function open(id) {
  const store = await openStore(id);
  storage.value = store.lasting;
  const outbox = new Outbox({
    store,
    send: async (entry) => {
      // Somebody else signed in here: these answers are not theirs to send.
      if (person.peek()?.id !== id) throw new api.ApiError(401, { code: 'session.required' });
      try {
        return await send(entry);
      } catch (/** @type {any} */ error) {
        if (error.status === 401) demandSignIn().then(() => outbox.resume());
        throw error;
      }
    },
    undo: (answer) => api.del(api.url`/answers/${answer}`, { quiet: true }),
    onsent: (entry, reply) => { for (const w of watchers) w.onsent?.(entry, reply); },
    onrefused: (entry, error) => { for (const w of watchers) w.onrefused?.(entry, error); },
    onchange: () => {
      waiting.value = outbox.size;
      stuck.value = outbox.stuck;
    },
    onstorage: () => { storage.value = false; },
  });
  const drafts = new Drafts({
    store,
    delay: store.lasting ? 4000 : 2000,
    send: (lease, revision, value, keepalive) => api.put(api.url`/leases/${lease}/draft`,
      { revision, value }, { quiet: true, keepalive }),
    onstate: (state) => { for (const w of watchers) w.onstate?.(state); },
    onstorage: () => { storage.value = false; },
  });
  await outbox.load();
  drafts.tidy();
  // What a closed tab left behind is sent by this one.
  setInterval(() => outbox.load(120000).catch(() => {}), 60000);
  window.addEventListener('online', () => outbox.resume());
  effect(() => { if (online.value && waiting.peek()) outbox.resume(); });
  return { person: id, store, outbox, drafts };
}

/** The work of the person who is signed in. @returns {Promise<Work>} */
export function openWork() {
  const id = person.peek()?.id ?? '';
  if (opened && owner === id) {
    opened.then((work) => work.outbox.resume());
    return opened;
  }
  owner = id;
  opened = open(id);
  return opened;
}

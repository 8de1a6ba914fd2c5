// @ts-check
// Where the wizard keeps what it has: the draft and the chosen files in the person's own store in
// this browser. What does not fit stays in memory, and the check page says which files are missing
// after a reload.

import { openStore } from '../core/idb.js';
import { person } from '../core/store.js';
import { emptyDraft, reviveDraft } from './draft.js';

const MOST_BYTES = 300 * 1024 * 1024;

/** @type {Promise<import('../core/idb.js').Store> | null} */
let store = null;
/** @type {Map<string, Blob>} the bytes of the chosen files by name */
const files = new Map();
let kept = '';   // whose they are

/** @returns {Promise<import('../core/idb.js').Store>} */
function own() {
  const id = person.peek()?.id ?? '';
  if (kept !== id) {
    kept = id;
    files.clear();
    store = null;
  }
  store ??= openStore(id);
  return store;
}

/** @returns {Promise<import('./draft.js').Draft>} */
export async function loadDraft() {
  const db = await own();
  const draft = await db.get('prefs', 'wizard').catch(() => null);
  for (const [name, blob] of await db.get('prefs', 'wizard-files').catch(() => null) ?? []) {
    if (!files.has(name)) files.set(name, blob);
  }
  return draft ? reviveDraft(draft) : emptyDraft();
}

/** @param {import('./draft.js').Draft} draft @returns {Promise<boolean>} whether it will outlive
 *  the page */
export async function saveDraft(draft) {
  const db = await own();
  try {
    await db.put('prefs', 'wizard', draft);
    return db.lasting;
  } catch {
    return false;
  }
}

/** The bytes of a chosen file. @param {string} name */
export const fileOf = (name) => files.get(name);

/** @param {[string, Blob][]} added @param {string[]} [removed] names */
export async function keepFiles(added, removed = []) {
  const db = await own();
  for (const [name, blob] of added) files.set(name, blob);
  for (const name of removed) files.delete(name);
  const all = [...files];
  const bytes = all.reduce((sum, [, blob]) => sum + blob.size, 0);
  // Beyond the limit nothing is kept: half of the files would be worse than none.
  await db.put('prefs', 'wizard-files', bytes <= MOST_BYTES ? all : []).catch(() => {});
}

/** Forgets the draft and its files. */
export async function dropDraft() {
  const db = await own();
  files.clear();
  await db.del('prefs', 'wizard').catch(() => {});
  await db.del('prefs', 'wizard-files').catch(() => {});
}

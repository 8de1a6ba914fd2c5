// @ts-check
// The state that more than one screen needs, as signals.

import { signal } from '../../vendor/signals-core.js';

export { batch, computed, effect, signal, untracked } from '../../vendor/signals-core.js';

/** @typedef {{id: string, name: string, role: 'annotator' | 'reviewer' | 'lead' | 'admin'}} Person */

/** Who is signed in. undefined: not known yet; null: nobody. @type {import('../../vendor/signals-core.js').Signal<Person | null | undefined>} */
export const person = signal(undefined);

/** Why somebody who is signed in here was not let in, in the server's words.
 *  @type {import('../../vendor/signals-core.js').Signal<string>} */
export const outside = signal('');

/** The person's own settings, as kept on the server. @type {import('../../vendor/signals-core.js').Signal<import('../types.js').Preferences>} */
export const preferences = signal({});

/** Whether the server was reached the last time. @type {import('../../vendor/signals-core.js').Signal<boolean>} */
export const online = signal(true);

/** Whether this browser keeps things on disk. @type {import('../../vendor/signals-core.js').Signal<boolean>} */
export const storage = signal(true);

/** Answers on this computer that the server does not have yet. @type {import('../../vendor/signals-core.js').Signal<number>} */
export const waiting = signal(0);

/** Whether the server was reached with one of them and could not store it (full, read-only, busy).
 *  @type {import('../../vendor/signals-core.js').Signal<boolean>} */
export const stuck = signal(false);

/** The word for what the waiting answers wait for, as a key of the texts. */
export const waitingKey = () => (!online.value ? 'status.offline'
  : stuck.value ? 'status.unstored' : 'status.waiting');

/** The path in the address bar. @type {import('../../vendor/signals-core.js').Signal<string>} */
export const path = signal('/');

/** The query in the address bar, with its "?". @type {import('../../vendor/signals-core.js').Signal<string>} */
export const search = signal('');

/** Set while the session is over and somebody must sign in again above what they do.
 *  @type {import('../../vendor/signals-core.js').Signal<boolean>} */
export const expired = signal(false);

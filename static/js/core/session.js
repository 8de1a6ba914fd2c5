// @ts-check
// Who is signed in, and what they may see.

import * as api from './api.js';
import { expired, online, outside, person, preferences } from './store.js';

/** @typedef {import('./store.js').Person['role']} Role */

/** @type {Role[]} each also sees what the ones before need */
export const ROLES = ['annotator', 'reviewer', 'lead', 'admin'];

/** @type {Set<() => void>} */
const signedIn = new Set();
/** @type {((value: void) => void)[]} */
let waiters = [];

/** Whether the person in front has at least a role. @param {Role} role */
export function hasRole(role) {
  const own = person.value?.role;
  return own !== undefined && ROLES.indexOf(own) >= ROLES.indexOf(role);
}

/** @param {any} session as GET /session tells it */
function take(session) {
  const before = person.peek();
  api.setCsrf(session.csrf);
  preferences.value = session.preferences ?? {};
  // Somebody else at this computer: nothing of the one before may stay on the screen.
  if (before && before.id !== session.person.id && expired.peek()) {
    location.assign('/');
    return;
  }
  person.value = session.person;
  expired.value = false;
  outside.value = '';
  const waiting = waiters;
  waiters = [];
  for (const resolve of waiting) resolve();
  for (const listener of signedIn) listener();
}

/** @param {() => void} listener called after each sign-in, the first and the later ones */
export function onSignIn(listener) {
  signedIn.add(listener);
  return () => signedIn.delete(listener);
}

/** Asks for a sign-in above the page; resolves when there is one. */
export function demandSignIn() {
  if (person.peek()) expired.value = true;
  else person.value = null;
  return new Promise((/** @type {(value: void) => void} */ resolve) => waiters.push(resolve));
}

async function load() {
  take(await api.get('/session', { quiet: true }));
}

/** Finds out who is signed in. Throws when the server cannot be asked. */
export async function startSession() {
  api.setHooks({
    signIn: demandSignIn, refresh: load, network: (up) => { online.value = up; },
  });
  try {
    await load();
  } catch (error) {
    if (!(error instanceof api.ApiError) || !(error.status === 401 || error.outside)) throw error;
    if (error.outside) outside.value = error.message;
    person.value = null;
  }
}

/** @param {string} name @param {string} password @param {boolean} [keep] stay signed in for 14 days */
export async function signIn(name, password, keep = false) {
  take(await api.post('/session', { name, password, keep }, { quiet: true }));
}

/** Takes up an invitation. @param {string} token @param {string} name @param {string} password */
export async function join(token, name, password) {
  take(await api.post(api.url`/invitations/${token}`, { name, password }, { quiet: true }));
}

/** Ends the session here and on the server. */
export async function signOut() {
  try {
    await api.del('/session', { quiet: true });
  } catch (error) {
    if (!(error instanceof api.ApiError) || error.status !== 401) throw error;
  }
  api.setCsrf('');
  person.value = null;
  preferences.value = {};
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let saving;

/**
 * Changes some of the person's settings here at once and on the server soon.
 * @param {import('../types.js').Preferences} some @returns {Promise<void>} when the server has them
 */
export function savePreferences(some) {
  preferences.value = { ...preferences.peek(), ...some };
  clearTimeout(saving);
  return new Promise((resolve, reject) => {
    saving = setTimeout(() => {
      api.put('/me/preferences', preferences.peek()).then(resolve, reject);
    }, 300);
  });
}

/** Where "/" leads for a role. @param {Role | undefined} role */
export function home(role) {
  return role === 'lead' || role === 'admin' ? '/jobs' : '/tasks';
}

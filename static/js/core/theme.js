// @ts-check
// Light or dark, what lies around images, the size of task text: attributes of <html> that the
// style sheets read. A copy in localStorage makes the first paint right.

const KEY = 'plumbline-look';
const NAMES = /** @type {const} */ (['theme', 'surround', 'text', 'motion']);

/** @param {import('../types.js').Preferences} look */
function apply(look) {
  const root = document.documentElement;
  for (const name of NAMES) {
    const value = look[name];
    if (value && value !== 'auto') root.dataset[name] = value;
    else delete root.dataset[name];
  }
}

/** What this browser showed the last time; called by the first module. */
export function recallLook() {
  try {
    apply(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    // No storage, or something else in it: the look of the system it is.
  }
}

/** @param {import('../types.js').Preferences} preferences */
export function setLook(preferences) {
  apply(preferences);
  try {
    const look = Object.fromEntries(NAMES.map((name) => [name, preferences[name]]));
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // Without storage the choice still holds until the page is left; the server keeps it.
  }
}

// @ts-check
// The one table of keys (docs: "Keys"). Letters are commands, digits are labels: they cannot collide.
// A key is written as "KeyG", "Shift+KeyZ", "Ctrl+KeyS": the physical key (event.code) with its
// modifiers, so that the left hand stays where it is on any layout.

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} group frame | answer | view | page: where the key is alive
 * @property {string[]} left keys of the left-hand set
 * @property {string[]} right keys of the right-hand set
 * @property {boolean} [fixed] cannot be remapped
 */

/** @type {Action[]} */
export const ACTIONS = [
  { id: 'submit', group: 'answer', left: ['KeyG'], right: ['Enter'] },
  { id: 'enter', group: 'answer', left: ['Enter'], right: ['NumpadEnter'], fixed: true },
  { id: 'undo', group: 'answer', left: ['KeyZ', 'Ctrl+KeyZ'], right: ['KeyM', 'Ctrl+KeyZ'] },
  { id: 'redo', group: 'answer', left: ['Shift+KeyZ', 'Ctrl+KeyY'], right: ['Shift+KeyM', 'Ctrl+KeyY'] },
  { id: 'skip', group: 'answer', left: ['KeyX'], right: ['Comma'] },
  { id: 'comment', group: 'answer', left: ['KeyC'], right: ['Period'] },
  { id: 'find', group: 'answer', left: ['KeyF'], right: ['Semicolon'] },
  { id: 'extend', group: 'answer', left: ['KeyY'], right: ['KeyY'] },
  { id: 'view', group: 'view', left: ['KeyV'], right: ['Slash'] },
  { id: 'zoomIn', group: 'view', left: ['Equal'], right: ['NumpadAdd'] },
  { id: 'zoomOut', group: 'view', left: ['Minus'], right: ['NumpadSubtract'] },
  { id: 'bigger', group: 'view', left: ['BracketRight', 'Shift+KeyW'], right: ['Shift+KeyI'] },
  { id: 'smaller', group: 'view', left: ['BracketLeft', 'Shift+KeyS'], right: ['Shift+KeyK'] },
  { id: 'peek', group: 'view', left: ['KeyT'], right: ['KeyH'] },
  { id: 'guide', group: 'page', left: ['Backquote'], right: ['Quote'] },
  { id: 'kept', group: 'page', left: ['Ctrl+KeyS'], right: ['Ctrl+KeyS'], fixed: true },
  { id: 'help', group: 'page', left: ['?'], right: ['?'], fixed: true },
  { id: 'leave', group: 'page', left: ['Escape'], right: ['Escape'], fixed: true },
];

/** Keys that the browser keeps for itself. */
const NEVER = new Set(['Ctrl+KeyW', 'Ctrl+KeyT', 'Ctrl+KeyN', 'Ctrl+KeyL', 'Ctrl+KeyR', 'F5', 'Tab',
  'Shift+Tab', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Escape', 'Enter', 'Space', '?', 'Ctrl+KeyS']);

/** The digits in order: place 1…10, and with Shift 11…20. */
export const DIGITS = ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6', 'Digit7', 'Digit8',
  'Digit9', 'Digit0'];

/** @typedef {import('../types.js').KeyPreferences} Settings */

/**
 * Which place a digit key stands for: 1…10, with Shift 11…20; 0 when it is no digit.
 * @param {{code: string, shiftKey?: boolean}} event
 */
export function place(event) {
  const code = event.code.replace(/^Numpad(?=\d$)/, 'Digit');
  const at = DIGITS.indexOf(code) + 1;
  if (!at) return 0;
  // Shift turns the number pad into arrows on some systems, so only the row above the letters counts.
  return event.shiftKey ? (event.code.startsWith('Digit') ? at + 10 : 0) : at;
}

/** The hot key of a place as the server writes it: "3", "0", "Shift+1". @param {number} n 1…20 */
export function placeName(n) {
  if (n < 1 || n > 20) return '';
  return (n > 10 ? 'Shift+' : '') + String(n % 10);
}

/** The place of a hot key as the server writes it; 0 for none. @param {string | undefined} name */
export function placeOf(name) {
  const m = /^(Shift\+)?(\d)$/.exec(name ?? '');
  return m ? (m[1] ? 10 : 0) + (Number(m[2]) || 10) : 0;
}

/** A key press as it is written in the table. @param {KeyboardEvent} event */
export function written(event) {
  if (event.key === '?') return '?';
  const ctrl = event.ctrlKey || event.metaKey;
  return (ctrl ? 'Ctrl+' : '') + (event.altKey ? 'Alt+' : '') + (event.shiftKey ? 'Shift+' : '') + event.code;
}

/** The keys of an action with the person's settings. @param {Action} action @param {Settings} [settings] */
export function keysOf(action, settings = {}) {
  const own = settings.remap?.[action.id];
  if (own && !action.fixed) return [own];
  const hand = settings.hand ?? 'both';
  if (hand === 'left') return action.left;
  if (hand === 'right') return action.right;
  return [...action.left, ...action.right.filter((key) => !action.left.includes(key))];
}

/** key -> action id; with both hands the left set wins a doubtful key. @param {Settings} [settings] */
export function bindings(settings = {}) {
  /** @type {Map<string, string>} */
  const map = new Map();
  for (const action of ACTIONS) {
    for (const key of keysOf(action, settings)) if (!map.has(key)) map.set(key, action.id);
  }
  // The fixed keys cannot be taken away from their action.
  for (const action of ACTIONS) if (action.fixed) for (const key of action.left) map.set(key, action.id);
  return map;
}

/**
 * Why an action may not get a key: the id of the action that has it, "reserved", "digit", or "" when
 * it may.
 * @param {string} id @param {string} key @param {Settings} [settings]
 */
export function conflict(id, key, settings = {}) {
  const bare = key.split('+').at(-1) ?? '';
  if (NEVER.has(key) || bare === 'Tab' || bare === 'Escape' || bare === 'Enter') return 'reserved';
  if (/^(Digit|Numpad)\d$/.test(bare)) return 'digit';
  if (/(Control|Shift|Alt|Meta)(Left|Right)$/.test(bare)) return 'reserved';
  for (const action of ACTIONS) {
    if (action.id !== id && keysOf(action, settings).includes(key)) return action.id;
  }
  return '';
}

/** @type {Map<string, string> | null} physical key -> what is printed on it, where the browser says */
let layout = null;

/** Learns the person's own keyboard layout; absent on plain http and outside Chromium. */
export async function learnLayout() {
  try {
    layout = await /** @type {any} */ (navigator).keyboard?.getLayoutMap() ?? null;
  } catch {
    layout = null;
  }
}

/** @type {{[code: string]: string}} */
const NAMES = { Backquote: '`', Minus: '-', Equal: '+', BracketLeft: '[', BracketRight: ']', Semicolon: ';',
  Quote: "'", Comma: ',', Period: '.', Slash: '/', Backslash: '\\', Escape: 'Esc', ArrowLeft: '←',
  ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Enter: '⏎', Space: 'Space', NumpadAdd: 'Num +',
  NumpadSubtract: 'Num −', NumpadEnter: 'Num ⏎' };

/** A key as it is printed on the keyboard. @param {string} key */
export function shown(key) {
  return key.split('+').map((part) => {
    if (part === 'Shift') return '⇧';
    if (NAMES[part]) return layout?.get(part) && part !== 'Equal' ? (layout.get(part) ?? '') : NAMES[part];
    const letter = layout?.get(part) ?? part.replace(/^(Key|Digit)/, '');
    return letter.length === 1 ? letter.toUpperCase() : letter;
  }).join(' ').replace('⇧ ', '⇧');
}

/** The first key of an action, as tooltips and buttons show it. @param {string} id @param {Settings} [settings] */
export function hint(id, settings = {}) {
  const action = ACTIONS.find((a) => a.id === id);
  const key = action && settings.mode !== 'off' ? keysOf(action, settings)[0] : undefined;
  if (!key) return '';
  const alt = settings.mode === 'alt' && !action?.fixed && !key.includes('+') ? 'Alt ' : '';
  return alt + shown(key);
}

/** @param {EventTarget | null} target whether keys sleep there */
function typing(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog[open], [role="menu"]')) return true;
  const field = target.closest('input, textarea, select, [contenteditable="true"]');
  return Boolean(field && !(field instanceof HTMLInputElement
    && /^(checkbox|radio|button|range)$/.test(field.type)));
}

/**
 * What a key press means here and now: an action, a digit, or nothing.
 * @param {KeyboardEvent} event @param {Settings} [settings]
 * @returns {{action?: string, place?: number} | null}
 */
export function meaning(event, settings = {}) {
  if (event.defaultPrevented || event.isComposing || typing(event.target)) return null;
  const ctrl = event.ctrlKey || event.metaKey;
  const written_ = written(event);
  const map = bindings(settings);
  const fixed = map.get(written_);
  const isFixed = ACTIONS.some((a) => a.id === fixed && a.fixed);
  if (isFixed && fixed !== 'enter') return { action: fixed };
  const mode = settings.mode ?? 'on';
  if (mode === 'off' && !ctrl && fixed !== 'enter') return null;
  if (mode === 'alt' && !ctrl && fixed !== 'enter' && !event.altKey) return null;
  const key = mode === 'alt' ? written_.replace('Alt+', '') : written_;
  if (!ctrl && (mode === 'alt' || !event.altKey)) {
    const n = place(event);
    if (n) return { place: n };
  }
  const action = map.get(key);
  if (!action) return null;
  // A focused button, link or option keeps its own Enter.
  if ((action === 'enter' || key === 'Enter') && event.target instanceof Element
      && event.target.closest('button, a[href], [role="radio"], summary, input')) return null;
  return { action };
}

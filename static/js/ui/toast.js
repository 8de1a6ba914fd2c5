// @ts-check
// Short notes at the edge of the screen. They are announced, never steal the focus, and stay while
// the pointer or the focus is on them.

import { announce } from '../core/announce.js';
import { t } from '../core/i18n.js';
import { signal } from '../core/store.js';
import { Button, IconButton } from './button.js';
import { html, useEffect, useState } from './html.js';

/** @typedef {{id: number, text: string, kind: string, action?: string, run?: () => void, ms: number}} Note */

/** @type {import('../../vendor/signals-core.js').Signal<Note[]>} */
const notes = signal([]);
let next = 1;

/**
 * @param {string} text @param {{kind?: 'ok' | 'warn' | 'bad' | '', action?: string, run?: () => void,
 *  ms?: number}} [how] action: words of a button that calls run; ms 0: stays until closed
 * @returns {() => void} takes it away
 */
export function toast(text, { kind = '', action, run, ms = kind === 'bad' ? 0 : 6000 } = {}) {
  const note = { id: next++, text, kind, action, run, ms };
  const others = notes.peek().filter((n) => n.text !== text);
  notes.value = [...others.slice(-2), note];
  announce(text, { urgent: kind === 'bad' });
  return () => drop(note.id);
}

/** Shows an error that nobody else shows. @param {any} error */
export function toastError(error) {
  if (error?.name !== 'AbortError') toast(error?.message ?? String(error), { kind: 'bad' });
}

/** @param {number} id */
function drop(id) {
  notes.value = notes.peek().filter((n) => n.id !== id);
}

/** @param {{note: Note}} props */
function Toast({ note }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || !note.ms) return undefined;
    const timer = setTimeout(() => drop(note.id), note.ms);
    return () => clearTimeout(timer);
  }, [held, note]);
  const run = () => {
    drop(note.id);
    note.run?.();
  };
  return html`<div class="toast ${note.kind}" onMouseEnter=${() => setHeld(true)}
    onMouseLeave=${() => setHeld(false)} onFocusIn=${() => setHeld(true)} onFocusOut=${() => setHeld(false)}>
    <p>${note.text}</p>
    ${note.action && html`<${Button} kind="quiet" onclick=${run}>${note.action}<//>`}
    <${IconButton} icon="close" label=${t('toast.close')} onclick=${() => drop(note.id)} /></div>`;
}

/** Where the notes appear; the shell holds one. */
export function Toasts() {
  return html`<div class="toasts" role="region" aria-label=${t('toast.region')}>
    ${notes.value.map((n) => html`<${Toast} key=${n.id} note=${n} />`)}</div>`;
}

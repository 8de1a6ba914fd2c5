// @ts-check
// Dialogs on the browser's own <dialog>: focus is kept inside, Esc closes, focus goes back.

import { t } from '../core/i18n.js';
import { signal } from '../core/store.js';
import { Button, IconButton } from './button.js';
import { cx, html, useId, useLayoutEffect, useRef } from './html.js';

/**
 * Shown as long as it is rendered. `look`: "slim", "wide", "drawer".
 * @param {{title: string, onclose?: () => void, look?: string, actions?: any, children?: any,
 *  keep?: boolean}} props keep: cannot be closed by Esc (a sign-in that must happen)
 */
export function Dialog({ title, onclose, look = '', actions, children, keep }) {
  const id = useId();
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => { // before anybody can press another key
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    const wanted = dialog?.querySelector('[autofocus], input, textarea, select');
    if (wanted instanceof HTMLElement) wanted.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  /** @param {Event} e */
  const cancel = (e) => {
    e.preventDefault();
    if (!keep) onclose?.();
  };
  return html`<dialog ref=${ref} class=${cx('dialog', look)} aria-labelledby=${id} onCancel=${cancel}>
    <div class="dialog-head"><h2 id=${id}>${title}</h2>
      ${onclose && !keep && html`<${IconButton} icon="close" label=${t('dialog.close')} onclick=${onclose} />`}
    </div>
    <div class="dialog-body">${children}</div>
    ${actions && html`<div class="dialog-foot">${actions}</div>`}</dialog>`;
}

/** @type {import('../../vendor/signals-core.js').Signal<any>} */
const question = signal(null);

/**
 * Asks before something that cannot be taken back. Where undo is possible, do not ask.
 * @param {{title: string, text?: any, ok: string, danger?: boolean}} what
 * @returns {Promise<boolean>}
 */
export function confirm(what) {
  return new Promise((resolve) => {
    question.value = { ...what, resolve };
  });
}

/** Where confirm() appears; the shell holds one. */
export function Questions() {
  const asked = question.value;
  if (!asked) return null;
  const answer = (/** @type {boolean} */ yes) => {
    question.value = null;
    asked.resolve(yes);
  };
  const actions = html`<${Button} onclick=${() => answer(false)}>${t('dialog.cancel')}<//>
    <${Button} kind=${asked.danger ? 'danger' : 'main'} onclick=${() => answer(true)}>${asked.ok}<//>`;
  return html`<${Dialog} title=${asked.title} look="slim" onclose=${() => answer(false)}
    actions=${actions}><p class="wrap">${asked.text}</p><//>`;
}

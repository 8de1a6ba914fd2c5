// @ts-check
// Type to find one of many: labels, and whatever else has a name.

import { t } from '../core/i18n.js';
import { rank } from '../core/search.js';
import { html, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from './html.js';

const MOST = 60;   // rows drawn; more typing finds the rest

/**
 * @param {{title: string, items: {id: string, name: string, hint?: string, mark?: any, keys?: string}[],
 *  onpick: (id: string) => void, onclose: () => void, empty?: string}} props
 */
export function Palette({ title, items, onpick, onclose, empty }) {
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const found = useMemo(() => rank(items, text), [items, text]);
  const rows = found.slice(0, MOST);
  useLayoutEffect(() => {
    const el = dialog.current;
    const before = document.activeElement;
    el?.showModal();
    return () => {
      el?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at, text]);
  /** @param {KeyboardEvent} e */
  const key = (e) => {
    if (e.isComposing) return;
    if (e.key === 'ArrowDown') setAt(Math.min(at + 1, rows.length - 1));
    else if (e.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (e.key === 'Enter') { if (rows[at]) onpick(rows[at].item.id); } else return;
    e.preventDefault();
  };
  const type = (/** @type {any} */ e) => {
    setText(e.target.value);
    setAt(0);
  };
  return html`<dialog class="dialog palette" ref=${dialog} aria-label=${title}
      onCancel=${(/** @type {Event} */ e) => { e.preventDefault(); onclose(); }}
      onClick=${(/** @type {MouseEvent} */ e) => { if (e.target === dialog.current) onclose(); }}>
    <div class="dialog-head"><input class="input" type="text" role="combobox" aria-label=${title}
      placeholder=${title} aria-expanded="true" aria-controls="${id}-list" autocomplete="off" spellcheck=${false}
      aria-activedescendant=${rows[at] ? `${id}-${at}` : undefined} value=${text} onInput=${type} onKeyDown=${key} /></div>
    <div class="palette-list" id="${id}-list" role="listbox" aria-label=${title}>
      ${rows.map((row, i) => html`<div class="palette-row" role="option" id="${id}-${i}" key=${row.item.id}
        aria-selected=${String(i === at)} onClick=${() => onpick(row.item.id)}
        onPointerMove=${() => { if (i !== at) setAt(i); }}>
        ${row.item.mark}<span><bdi>${row.parts.map((p, n) => (n % 2 ? html`<mark>${p}</mark>` : p))}</bdi>
        ${row.item.hint && html`<span class="meta"> ${row.item.hint}</span>`}</span>
        ${row.item.keys && html`<kbd aria-hidden="true">${row.item.keys}</kbd>`}</div>`)}
    </div>
    ${!rows.length && html`<p class="palette-row muted">${empty ?? t('palette.none')}</p>`}
    <p class="unseen" role="status">${t('palette.found', { n: found.length })}</p></dialog>`;
}

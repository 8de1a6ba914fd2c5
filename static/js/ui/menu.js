// @ts-check
// A button with a list of commands under it (WAI-ARIA menu button).

import { Icon, cx, html, useEffect, useId, useRef, useState } from './html.js';

/** @typedef {{label: string, icon?: string, run?: () => void, href?: string, keys?: string,
 *  danger?: boolean, disabled?: boolean} | null} Item  null draws a line */

/** @param {{label: string, icon?: string, text?: any, items: Item[], up?: boolean}} props */
export function Menu({ label, icon = 'more', text, items, up }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const entries = () => [...(box.current?.querySelectorAll('.menu-item:not(:disabled)') ?? [])];
  const focus = (/** @type {number} */ i) => {
    const all = /** @type {HTMLElement[]} */ (entries());
    all[(i + all.length) % all.length]?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    focus(0);
    const away = (/** @type {Event} */ e) => {
      if (!box.current?.contains(/** @type {Node} */ (e.target))) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const close = () => {
    setOpen(false);
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector('button'))?.focus();
  };
  /** @param {KeyboardEvent} e */
  const key = (e) => {
    if (!open) return;
    const at = entries().indexOf(/** @type {Element} */ (document.activeElement));
    if (e.key === 'Escape') close();
    else if (e.key === 'ArrowDown') focus(at + 1);
    else if (e.key === 'ArrowUp') focus(at - 1);
    else if (e.key === 'Home') focus(0);
    else if (e.key === 'End') focus(-1);
    else if (e.key === 'Tab') { setOpen(false); return; } else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const inside = (/** @type {NonNullable<Item>} */ item) => html`
    ${item.icon && html`<${Icon} name=${item.icon} />`}<span>${item.label}</span>
    ${item.keys && html`<kbd aria-hidden="true">${item.keys}</kbd>`}`;
  const one = (/** @type {Item} */ item) => {
    if (!item) return html`<hr role="separator" />`;
    if (item.href) {
      return html`<a class="menu-item" role="menuitem" tabindex="-1" href=${item.href}
        onClick=${() => setOpen(false)}>${inside(item)}</a>`;
    }
    return html`<button type="button" class=${cx('menu-item', item.danger && 'danger')} role="menuitem"
      tabindex="-1" disabled=${item.disabled} onClick=${() => { close(); item.run?.(); }}>
      ${inside(item)}</button>`;
  };
  return html`<div class=${cx('menu', up && 'up')} ref=${box} onKeyDown=${key}>
    <button type="button" class=${cx('btn quiet', !text && 'square')} aria-haspopup="menu"
      aria-expanded=${String(open)} aria-controls=${open ? id : undefined} title=${text ? undefined : label}
      aria-label=${label} onClick=${() => setOpen(!open)}>
      ${icon && html`<${Icon} name=${icon} />`}${text}</button>
    ${open && html`<div class="menu-list" id=${id} role="menu" aria-label=${label}>${items.map(one)}</div>`}
  </div>`;
}

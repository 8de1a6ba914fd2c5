// @ts-check
// Many items of which only those in sight exist: the page itself scrolls, rows are drawn as they
// come, further pages are read before the end is reached. Arrow keys go from item to item.

import { cx, html, useEffect, useLayoutEffect, useRef, useState } from '../ui/html.js';
import { windowOf } from './pager.js';

const MOST = 60;   // items that exist at a time

/**
 * @param {{items: any[], more: boolean, onmore: () => void, label: string, tile: number, row:
 *  number,
 *  draw: (item: any, index: number, focus: boolean) => any, onopen: (item: any) => void, single?:
 *  boolean}} props
 *  tile: least width of an item in pixels; row: its height; single: one item a row
 */
export function Browse({ items, more, onmore, label, tile, row, draw, onopen, single }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [view, setView] = useState({ scroll: 0, height: 800, width: 1000 });
  const [at, setAt] = useState(0);
  const wanted = useRef(false);
  useEffect(() => {
    const look = () => {
      const rect = box.current?.getBoundingClientRect();
      if (!rect) return;
      const next = { scroll: Math.max(0, -rect.top), height: window.innerHeight,
        width: rect.width };
      setView((/** @type {typeof next} */ v) =>
        (v.scroll === next.scroll && v.height === next.height && v.width === next.width ? v
          : next));
    };
    look();
    const watch = new ResizeObserver(look);
    if (box.current) watch.observe(box.current);
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      watch.disconnect();
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, []);
  const columns = single ? 1 : Math.max(1, Math.floor((view.width + 8) / (tile + 8)));
  const part = windowOf({ scroll: view.scroll, height: view.height, row, count: items.length,
    columns });
  const to = Math.min(part.to, part.from + Math.max(columns, Math.floor(MOST / columns) * columns));
  const rows = Math.ceil(items.length / columns);
  useEffect(() => { if (more && part.to > items.length - columns * 6) onmore(); },
    [part.to, items.length, more]);
  useLayoutEffect(() => {   // after an arrow key: bring the item into sight, then give it the focus
    if (!wanted.current) return;
    const el = box.current?.querySelector(`[data-at="${at}"]`);
    if (!(el instanceof HTMLElement)) return;
    wanted.current = false;
    el.focus();
  });
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const rtl = box.current && getComputedStyle(box.current).direction === 'rtl' ? -1 : 1;
    const page = Math.max(1, Math.floor(view.height / row) - 1) * columns;
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: columns, ArrowUp: -columns, PageDown: page, PageUp: -page,
      Home: -items.length, End: items.length,
        ...(single ? {} : { ArrowRight: rtl, ArrowLeft: -rtl }) };
    const step = steps[e.key];
    if (!step) return;
    e.preventDefault();
    const next = Math.max(0, Math.min(items.length - 1, at + step));
    const top = /** @type {HTMLElement} */ (box.current).getBoundingClientRect().top
      + window.scrollY + Math.floor(next / columns) * row;
    if (top - 60 < window.scrollY) window.scrollTo({ top: top - 60 });
    else if (top + row > window.scrollY
      + view.height) window.scrollTo({ top: top + row - view.height + 8 });
    wanted.current = true;
    setAt(next);
  };
  const focusAt = at >= part.from && at < to ? at : part.from;
  const lines = [];
  for (let r = part.from / columns; r * columns < to; r++) {
    lines.push(html`<div class=${cx('browse-row', single && 'single')} key=${r} role="presentation"
      style=${{ insetBlockStart: `${r * row}px`, height: `${row}px`,
        '--columns': String(columns) }}>
      ${items.slice(r * columns, (r + 1) * columns).map((item, i) => {
        const index = r * columns + i;
        return html`<div role="listitem" class="browse-item" key=${item.id}
          aria-posinset=${index + 1} aria-setsize=${more ? -1 : items.length}>
          ${draw(item, index, index === focusAt)}</div>`;
      })}</div>`);
  }
  const click = (/** @type {MouseEvent} */ e) => {
    if (e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    const link = e.target instanceof Element ? e.target.closest('[data-at]') : null;
    if (!link) return;
    e.preventDefault();
    const index = Number(link.getAttribute('data-at'));
    setAt(index);
    onopen(items[index]);
  };
  return html`<div class="browse" ref=${box} role="list" aria-label=${label} onKeyDown=${key}
    onClick=${click}
    style=${{ height: `${rows * row}px` }}>${lines}</div>`;
}

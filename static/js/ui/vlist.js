// @ts-check
// A list of any length of which only the rows in sight exist.

import { cx, html, useEffect, useRef, useState } from './html.js';

/**
 * @param {{items: any[], size: number, draw: (item: any, index: number) => any, class?: string,
 *  label: string, onend?: () => void, itemkey?: (item: any) => string, columns?: number, role?: string}} props
 *  size: height of a row in pixels; columns: items side by side; onend: the end comes near, load more
 */
export function VirtualList({ items, size, draw, class: more, label, onend, itemkey = (i) => i.id,
  columns = 1, role = 'list' }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [view, setView] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const look = () => setView({ top: el.scrollTop, height: el.clientHeight });
    const watch = new ResizeObserver(look);
    watch.observe(el);
    el.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      el.removeEventListener('scroll', look);
    };
  }, []);
  const rows = Math.ceil(items.length / columns);
  const first = Math.max(0, Math.floor(view.top / size) - 2);
  const last = Math.min(rows, Math.ceil((view.top + view.height) / size) + 2);
  useEffect(() => { if (last >= rows - 2) onend?.(); }, [last, rows]);
  const lines = [];
  for (let r = first; r < last; r++) {
    const cells = items.slice(r * columns, (r + 1) * columns);
    const style = { insetBlockStart: `${r * size}px`, height: `${size}px`,
      display: 'grid', gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` };
    lines.push(html`<div class="vlist-row" key=${itemkey(cells[0])} role="presentation" style=${style}>
      ${cells.map((item, i) => draw(item, r * columns + i))}</div>`);
  }
  return html`<div class=${cx('vlist', more)} ref=${box} role=${role} aria-label=${label} tabindex="0">
    <div class="vlist-space" role="presentation" style=${{ height: `${rows * size}px` }}>${lines}</div></div>`;
}

// @ts-check
// A table that can be sorted. The order is the caller's when `onsort` is given, else it sorts itself.

import { compare } from '../core/format.js';
import { Icon, cx, html, useState } from './html.js';

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {any} label
 * @property {(row: any) => any} cell what is drawn
 * @property {(row: any) => string | number | null | undefined} [by] makes the column sortable
 * @property {boolean} [num] set to the end, like numbers
 * @property {boolean} [head] the cell that names the row
 * @property {string} [class]
 */

/** @param {Column | undefined} column @param {any[]} rows @param {'ascending' | 'descending'} way */
function sorted(column, rows, way) {
  const by = column?.by;
  if (!by) return rows;
  const sign = way === 'descending' ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;   // unknown last
    if (y === null || y === undefined) return -1;
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * compare(String(x), String(y));
  });
}

/**
 * @param {{caption: string, columns: Column[], rows: any[], rowkey?: (row: any) => string,
 *  sort?: string, way?: 'ascending' | 'descending', selected?: (row: any) => boolean,
 *  onsort?: (id: string, way: 'ascending' | 'descending') => void, empty?: any}} props
 *  caption: read to screen readers
 */
export function Table({ caption, columns, rows, rowkey = (r) => r.id, sort, way = 'ascending',
  selected, onsort, empty }) {
  const [own, setOwn] = useState({ sort, way });
  const order = onsort ? { sort, way } : own;
  const press = (/** @type {Column} */ c) => {
    const turned = order.sort === c.id && order.way === 'ascending' ? 'descending' : 'ascending';
    if (onsort) onsort(c.id, turned);
    else setOwn({ sort: c.id, way: turned });
  };
  const shown = onsort ? rows : sorted(columns.find((c) => c.id === order.sort), rows, order.way);
  const head = (/** @type {Column} */ c) => html`<th scope="col" class=${cx(c.num && 'num', c.class)}
    aria-sort=${order.sort === c.id ? order.way : undefined}>${c.by
      ? html`<button type="button" class="sort" onClick=${() => press(c)}>${c.label}
        ${order.sort === c.id && html`<${Icon} name=${order.way === 'ascending' ? 'up' : 'down'} />`}</button>`
      : c.label}</th>`;
  const cell = (/** @type {Column} */ c, /** @type {any} */ row) => (c.head
    ? html`<th scope="row" class=${cx(c.num && 'num', c.class)}>${c.cell(row)}</th>`
    : html`<td class=${cx(c.num && 'num', c.class)}>${c.cell(row)}</td>`);
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${caption}><table class="table">
    <caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map(head)}</tr></thead>
    <tbody>${shown.map((row) => html`<tr key=${rowkey(row)}
      aria-selected=${selected ? String(selected(row)) : undefined}>${columns.map((c) => cell(c, row))}</tr>`)}
      ${!shown.length && empty && html`<tr><td colspan=${columns.length} class="muted">${empty}</td></tr>`}
    </tbody></table></div>`;
}

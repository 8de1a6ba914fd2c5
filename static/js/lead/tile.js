// @ts-check
// One tile of a dashboard: a chart, what it shows (ⓘ), the table behind it, and that table as CSV.

import { Button, IconButton } from '../ui/button.js';
import { cx, html, useId, useState } from '../ui/html.js';
import { csvText } from './csv.js';
import { t } from './words.js';

/**
 * @typedef {object} Behind the table behind a chart
 * @property {string[]} header
 * @property {(string|number|null|undefined)[][]} rows as they go into the CSV
 * @property {((value: any, row: any[]) => any)[]} [show] how a column is drawn; default: as it is
 */

/** Hands a text to the browser as a file. @param {string} name @param {string} text @param {string}
 *  [type] */
export function download(name, text, type = 'text/csv;charset=utf-8') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * @param {{title: string, info: any, name: string, table?: Behind, wide?: boolean, empty?: any,
 *  note?: any, children?: any}} props
 *  empty: said instead of the chart; name: of the CSV file, without its ending
 */
export function Tile({ title, info, name, table, wide, empty, note, children }) {
  const id = useId();
  const [told, setTold] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const has = table && table.rows.length > 0 && !empty;
  return html`<section class=${cx('tile card', wide && 'tile-wide')} aria-labelledby=${id}>
    <div class="tile-head"><h2 id=${id}>${title}</h2>
      <${IconButton} icon="info" label=${t('tile.info', { title })} pressed=${told}
        onclick=${() => setTold(!told)} />
      ${has && html`<span class="push row tight nowrap">
        <${Button} kind="quiet" pressed=${asTable} onclick=${() => setAsTable(!asTable)}
          aria-label=${t('tile.tableOf', { title })}>${t('tile.table')}<//>
        <${Button} kind="quiet" aria-label=${t('tile.csvOf', { title })}
          onclick=${() => download(`${name}.csv`, csvText(table.header, table.rows))}>
            ${t('tile.csv')}<//></span>`}</div>
    ${told && html`<p class="tile-info wrap">${info}</p>`}
    ${empty ? html`<p class="tile-empty muted">${empty}</p>`
      : asTable && table ? html`<${BehindTable} caption=${title} table=${table} />` : children}
    ${note && html`<p class="meta tile-note">${note}</p>`}</section>`;
}

/** @param {{caption: string, table: Behind}} props */
function BehindTable({ caption, table }) {
  const num = table.header.map((_, c) => table.rows.some((r) => typeof r[c] === 'number'));
  const show = (/** @type {any} */ value, /** @type {any[]} */ row, /** @type {number} */ c) => (
    value === null || value === undefined ? '–' : table.show?.[c] ? table.show[c](value, row)
      : value);
  return html`<div class="table-box tile-table" tabindex="0" role="region"
    aria-label=${t('tile.tableOf', { title: caption })}><table class="table">
    <caption class="unseen">${caption}</caption>
    <thead><tr>${table.header.map((h, c) =>
      html`<th scope="col" class=${num[c] ? 'num' : ''}>${h}</th>`)}</tr></thead>
    <tbody>${table.rows.map((row) => html`<tr>${row.map((value, c) => (c === 0
      ? html`<th scope="row" class="wrap">${show(value, row, c)}</th>`
      : html`<td class=${num[c] ? 'num' : ''}>${show(value, row, c)}</td>`))}</tr>`)}</tbody>
        </table></div>`;
}

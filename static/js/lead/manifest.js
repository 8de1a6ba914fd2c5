// @ts-check
// A first look at the data before it is sent: which kind of file it is, what its first items are
// and which lines the server would refuse. Only the head of a large file is read; the server has
// the last word, line by line.

import { csvRows } from './csv.js';

/** @typedef {{line: number, text?: string, ref?: string}} Sample */
/** @typedef {{line: number, code: 'json'|'object'|'nosource'|'column'|'fields'|'quote'}} LineError
 *  */
/** @typedef {{kind: 'jsonl'|'csv'|'text', items: number, samples: Sample[], errors: LineError[],
 *  partial: boolean, images: boolean}} Look */

const TEXT_COLUMNS = ['source', 'text'];
const FILE_COLUMNS = ['source-ref', 'file', 'image'];
/** How much of a file is read for the look. */
export const HEAD_BYTES = 4 * 1024 * 1024;
const SAMPLES = 24;
const ERRORS = 100;

/** @param {string} name @returns {'image'|'manifest'|'csv'|'text'|'other'} by the file's ending */
export function fileKind(name) {
  const ending = name.toLowerCase().match(/\.([a-z0-9]+)$/)?.[1] ?? '';
  if (['jpg', 'jpeg', 'png'].includes(ending)) return 'image';
  if (['jsonl', 'ndjson', 'manifest', 'json'].includes(ending)) return 'manifest';
  if (ending === 'csv') return 'csv';
  if (ending === 'txt') return 'text';
  return 'other';
}

/**
 * @param {string} text the file or its head
 * @param {'manifest'|'csv'|'text'} kind
 * @param {boolean} partial whether the text stops before the file does
 * @returns {Look}
 */
export function lookAt(text, kind, partial) {
  const head = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (kind === 'csv') return lookAtCsv(head, partial);
  const lines = head.split('\n');
  if (partial) lines.pop();   // cut somewhere in the middle
  return kind === 'text' ? lookAtText(lines, partial) : lookAtJson(lines, partial);
}

/** @param {string[]} lines @param {boolean} partial @returns {Look} */
function lookAtJson(lines, partial) {
  const look = empty('jsonl', partial);
  lines.forEach((raw, i) => {
    if (!raw.trim()) return;
    look.items++;
    /** @type {any} */
    let value;
    try { value = JSON.parse(raw); } catch { return problem(look, i + 1, 'json'); }
    if (!value || typeof value !== 'object' || Array.isArray(value)) return problem(look, i + 1,
      'object');
    const source = TEXT_COLUMNS.map(c => value[c]).find(v => typeof v === 'string');
    const ref = FILE_COLUMNS.map(c => value[c]).find(v => typeof v === 'string');
    if (source === undefined && ref === undefined) return problem(look, i + 1, 'nosource');
    sample(look, i + 1, source, ref);
  });
  return look;
}

/** @param {string[]} lines @param {boolean} partial @returns {Look} */
function lookAtText(lines, partial) {
  const look = empty('text', partial);
  lines.forEach((raw, i) => {
    if (!raw.trim()) return;
    look.items++;
    sample(look, i + 1, raw.replace(/\r$/, ''), undefined);
  });
  return look;
}

/** @param {string} text @param {boolean} partial @returns {Look} */
function lookAtCsv(text, partial) {
  const look = empty('csv', partial);
  const { rows, open } = csvRows(text);
  if (partial) rows.pop();
  const head = rows.shift();
  if (!head) return look;
  const names = head.fields.map(f => f.trim().toLowerCase());
  const column = names.findIndex(n => TEXT_COLUMNS.includes(n));
  const file = names.findIndex(n => FILE_COLUMNS.includes(n));
  if (column < 0 && file < 0) problem(look, head.line, 'column');
  for (const row of rows) {
    look.items++;
    if (row.fields.length !== names.length) problem(look, row.line, 'fields');
    else if (column >= 0 || file >= 0) sample(look, row.line, row.fields[column], row.fields[file]);
  }
  if (open && !partial) problem(look, rows.at(-1)?.line ?? head.line, 'quote');
  return look;
}

/** @param {Look['kind']} kind @param {boolean} partial @returns {Look} */
function empty(kind, partial) { return { kind, items: 0, samples: [], errors: [], partial,
  images: false }; }

/** @param {Look} look @param {number} line @param {LineError['code']} code */
function problem(look, line,
  code) { if (look.errors.length < ERRORS) look.errors.push({ line, code }); }

/** @param {Look} look @param {number} line @param {string|undefined} text @param {string|undefined}
 *  ref */
function sample(look, line, text, ref) {
  if (ref !== undefined && text === undefined) look.images = true;
  if (look.samples.length < SAMPLES)
    look.samples.push(text !== undefined ? { line, text: text.slice(0, 300) } : { line, ref });
}

/**
 * Plain text, one item a line, as the JSON Lines the server reads.
 * @param {string} text @returns {string}
 */
export function textToJsonLines(text) {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/).filter(l => l.trim())
    .map(l => JSON.stringify({ source: l }) + '\n').join('');
}

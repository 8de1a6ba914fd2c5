// @ts-check
// The list of labels as a lead edits it: pasting, duplicates, order, colours, hot keys.
// Every function takes a list and gives a new one.

/** @typedef {{id?: string, name: string, description?: string, color?: string, hot_key?: string,
 *  hidden?: boolean}} Label */

/** Colours in order of assignment: any prefix stays apart in all kinds of colour vision. */
export const PALETTE = ['#308cf6', '#eadd24', '#9f0c54', '#f48cae', '#562acf', '#96f0aa',
  '#8c6c9b', '#bebdf7', '#5f5a1f', '#57a314', '#a4685e', '#006666'];
export const HOT_KEYS = [...'1234567890'].concat([...'1234567890'].map(d => `Shift+${d}`));
export const MOST_LABELS = 1000;
export const LONGEST_NAME = 256;

/** Two names that a reader cannot tell apart are the same name. @param {string} name */
export function sameName(name) { return name.normalize('NFKC').trim().replace(/\s+/g,
  ' ').toLowerCase(); }

/**
 * The labels of a pasted text: one a line; a tab or " | " parts the name from its description.
 * Names that are in the list already, or twice in the text, are reported and not added.
 * @param {string} text
 * @param {Label[]} list
 * @returns {{list: Label[], added: number, repeated: string[]}}
 */
export function pasteLabels(text, list) {
  const known = new Set(list.map(l => sameName(l.name)));
  const out = [...list], repeated = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [name, ...rest] = line.split(/\t| \| /).map(s => s.trim());
    if (!name) continue;
    if (known.has(sameName(name))) { repeated.push(name); continue; }
    known.add(sameName(name));
    out.push(rest.length ? { name, description: rest.join(' ') } : { name });
  }
  const full = withDefaults(out);
  return { list: full, added: full.length - list.length, repeated };
}

/**
 * Gives colours to labels without one and free hot keys to the new ones, in order.
 * @param {Label[]} list @returns {Label[]}
 */
export function withDefaults(list) {
  const keys = new Set(list.map(l => l.hot_key).filter(Boolean));
  const colors = new Set(list.map(l => l.color).filter(Boolean));
  return list.map((label, i) => {
    const out = { ...label };
    if (!out.color) {
      out.color = PALETTE.find(c => !colors.has(c)) ?? PALETTE[i % PALETTE.length];
      colors.add(out.color);
    }
    if (out.hot_key === undefined) {
      out.hot_key = HOT_KEYS.find(k => !keys.has(k)) ?? '';
      if (out.hot_key) keys.add(out.hot_key);
    }
    return out;
  });
}

/** @param {Label[]} list @param {number} from @param {number} to @returns {Label[]} */
export function moveLabel(list, from, to) {
  if (to < 0 || to >= list.length || from === to) return list;
  const out = [...list];
  out.splice(to, 0, ...out.splice(from, 1));
  return out;
}

/**
 * What is wrong with the list: a code and the rows concerned.
 * @param {Label[]} list
 * @returns {{code: 'few'|'many'|'empty'|'long'|'twice'|'key', rows: number[], name?: string}[]}
 */
export function labelProblems(list) {
  /** @type {ReturnType<typeof labelProblems>} */
  const out = [];
  const shown = list.filter(l => !l.hidden);
  if (shown.filter(l => l.name.trim()).length < 2) out.push({ code: 'few', rows: [] });
  if (list.length > MOST_LABELS) out.push({ code: 'many', rows: [] });
  list.forEach((l, i) => {
    if (!l.name.trim()) out.push({ code: 'empty', rows: [i] });
    else if ([...l.name].length > LONGEST_NAME) out.push({ code: 'long', rows: [i], name: l.name });
  });
  for (const rows of groups(list, l => sameName(l.name)))
    out.push({ code: 'twice', rows, name: list[rows[0]].name });
  for (const rows of groups(list, l => l.hidden ? '' : l.hot_key ?? ''))
    out.push({ code: 'key', rows, name: list[rows[0]].hot_key });
  return out;
}

/**
 * Black or white, whichever reads better on the colour (WCAG relative luminance).
 * @param {string} color #rrggbb
 */
export function inkOn(color) {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(color.slice(i, i + 2), 16) / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? '#ffffff' : '#000000';
}

/**
 * What goes to the server: trimmed, without empty optional fields, ids kept.
 * @param {Label[]} list @returns {Label[]}
 */
export function labelsToSend(list) {
  return list.filter(l => !l.hidden && l.name.trim()).map(l => {
    /** @type {Label} */
    const out = { name: l.name.trim() };
    if (l.id) out.id = l.id;
    if (l.description?.trim()) out.description = l.description.trim();
    if (l.color) out.color = l.color;
    if (l.hot_key) out.hot_key = l.hot_key;
    return out;
  });
}

/** @param {Label[]} list @param {(l: Label) => string} by @returns {number[][]} rows that share a
 *  key, two or more */
function groups(list, by) {
  /** @type {Map<string, number[]>} */
  const map = new Map();
  list.forEach((l, i) => { const k = by(l); if (k) map.set(k, [...map.get(k) ?? [], i]); });
  return [...map.values()].filter(rows => rows.length > 1);
}

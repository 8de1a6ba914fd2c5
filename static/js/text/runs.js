// @ts-check
// A text as it is shown: untouched, in paragraphs, with the characters that have no shape of their
// own (controls, direction marks) set apart so that they can be drawn as small boxes.

/** @typedef {{text: string} | {box: string, code: number}} Run */

/** @type {Map<number, string>} */
const NAMES = new Map([
  [0x00, 'NUL'], [0x07, 'BEL'], [0x08, 'BS'], [0x0b, 'VT'], [0x0c, 'FF'], [0x0d, 'CR'], [0x1b, 'ESC'],
  [0x7f, 'DEL'], [0x85, 'NEL'], [0xad, 'SHY'], [0x61c, 'ALM'], [0x200b, 'ZWSP'], [0x200e, 'LRM'],
  [0x200f, 'RLM'], [0x2028, 'LS'], [0x2029, 'PS'], [0x202a, 'LRE'], [0x202b, 'RLE'], [0x202c, 'PDF'],
  [0x202d, 'LRO'], [0x202e, 'RLO'], [0x2060, 'WJ'], [0x2066, 'LRI'], [0x2067, 'RLI'], [0x2068, 'FSI'],
  [0x2069, 'PDI'], [0xfeff, 'BOM'],
]);

// Not among them: the joiners U+200C and U+200D (Persian, emoji), tab and line feed, which have an
// effect that is seen. A surrogate without its other half is.
const UNSEEN = new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f'
  + '\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb]'
  + '|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]', 'g');

/** The short name of a character without a shape. @param {number} code */
export function charName(code) {
  return NAMES.get(code) ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** @param {string} line @returns {Run[]} */
export function runs(line) {
  /** @type {Run[]} */
  const out = [];
  let at = 0;
  for (const m of line.matchAll(UNSEEN)) {
    if (m.index > at) out.push({ text: line.slice(at, m.index) });
    const code = m[0].charCodeAt(0);
    out.push({ box: charName(code), code });
    at = m.index + m[0].length;
  }
  if (at < line.length) out.push({ text: line.slice(at) });
  return out;
}

/** The paragraphs of a text; a carriage return before a line feed belongs to the line end.
 *  @param {string} text @returns {Run[][]} */
export function paragraphs(text) {
  return text.split(/\r?\n/).map(runs);
}

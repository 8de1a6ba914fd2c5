// @ts-check
// A safe subset of Markdown as a tree: headings, paragraphs, lists, quotes, code, rules, emphasis,
// links. HTML in it is text. Only http, https, mailto and paths of this site become links.

/** @typedef {{tag: string, kids: Node[], href?: string, start?: number, code?: string}} Element */
/** @typedef {string | Element} Node */

const SAFE = /^(https?:\/\/|mailto:|\/(?!\/)|#)/i;
const DEPTH = 8;   // quotes and lists inside each other; deeper is text

/** @param {string} tag @param {Node[]} kids @param {object} [more] @returns {Element} */
function el(tag, kids, more = {}) {
  return { tag, kids, ...more };
}

/** Whether an address may become a link. @param {string} href */
export function safeLink(href) {
  // Browsers drop tabs and line ends inside an address, so "java\nscript:" must not slip through.
  return SAFE.test(href) && !/[\u0000-\u0020\u007f]/.test(href);
}

// The parts stand apart to be read; joined, the groups are numbered as the remarks say.
const INLINE = new RegExp([
  /\\([\\`*_{}[\]()#+\-.!>~|])/.source,                     // 1 escaped
  /(`+)([^`](?:[^`]|(?!\2)`)*?)\2(?!`)/.source,             // 2, 3 code
  /\[([^\]\n]{1,1000})\]\(([^()\s]{1,2000})\)/.source,      // 4, 5 link
  /<((?:https?:\/\/|mailto:)[^<>\s]{1,2000})>/.source,      // 6 bare link
  '(\\*\\*|__)(?=\\S)([^\\n]{0,2000}?\\S)\\7',              // 7, 8 strong
  '(\\*|_)(?=\\S)([^\\n*]{1,2000}?)\\9',                  // 9, 10 emphasis
  /( {2,}|\\)\n/.source,                                    // 11 line break
].join('|'), 'g');

/** @param {string} text @param {number} depth @returns {Node[]} */
function inline(text, depth = 0) {
  if (depth > 4) return [text];
  /** @type {Node[]} */
  const out = [];
  let at = 0;
  for (const m of text.matchAll(INLINE)) {
    const i = m.index;
    if (m[9] === '_' && /\w/.test(text[i - 1] ?? '')) continue;   // snake_case is a word
    if (i > at) out.push(text.slice(at, i));
    if (m[1]) out.push(m[1]);
    else if (m[2]) out.push(el('code', [m[3].replace(/^ (.+) $/, '$1')]));
    else if (m[5]) out.push(...link(m[4], m[5], depth));
    else if (m[6]) out.push(...link(m[6], m[6], depth));
    else if (m[7]) out.push(el('strong', inline(m[8], depth + 1)));
    else if (m[9]) out.push(el('em', inline(m[10], depth + 1)));
    else out.push(el('br', []));
    at = i + m[0].length;
  }
  if (at < text.length) out.push(text.slice(at));
  return out;
}

/** @param {string} text @param {string} href @param {number} depth @returns {Node[]} */
function link(text, href, depth) {
  const kids = inline(text, depth + 1);
  return safeLink(href) ? [el('a', kids, { href })] : kids;
}

const BULLET = /^(\s{0,3})([-*+]|(\d{1,9})[.)])\s+(.*)$/;

/** @param {string[]} lines @param {number} i @param {number} depth @returns {[Element, number]} */
function list(lines, i, depth) {
  const first = /** @type {RegExpExecArray} */ (BULLET.exec(lines[i]));
  const ordered = first[3] !== undefined;
  /** @type {Node[]} */
  const items = [];
  while (i < lines.length) {
    const m = BULLET.exec(lines[i]);
    if (!m || (m[3] !== undefined) !== ordered) break;
    const indent = lines[i].length - m[4].length;
    const own = [m[4]];
    for (i++; i < lines.length; i++) {
      const line = lines[i];
      const inside = line.search(/\S/) >= Math.min(indent, 2);
      if (line.trim() === '') {
        if (!lines[i + 1] || lines[i + 1].search(/\S/) < 2) break;
      } else if (!inside && (BULLET.test(line) || own.at(-1)?.trim() === '')) break;
      own.push(inside ? line.slice(Math.min(indent, line.search(/\S/))) : line);
    }
    const kids = blocks(own, depth + 1);
    const only = kids.length && typeof kids[0] !== 'string' && kids[0].tag === 'p' ? kids[0] : null;
    items.push(el('li', only ? [...only.kids, ...kids.slice(1)] : kids));
    while (i < lines.length && lines[i].trim() === '' && BULLET.test(lines[i + 1] ?? '')) i++;
  }
  const start = ordered ? Number(first[3]) : undefined;
  return [el(ordered ? 'ol' : 'ul', items, start !== undefined && start !== 1 ? { start } : {}), i];
}

/** @param {string} line */
function starts(line) {
  return /^(#{1,6}\s|>|```|~~~)/.test(line) || BULLET.test(line) || /^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line);
}

/** @param {string[]} lines @param {number} depth @returns {Node[]} */
function blocks(lines, depth) {
  if (depth > DEPTH) return [el('p', [lines.join('\n')])];
  /** @type {Node[]} */
  const out = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const heading = /^(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(line);
    const fence = /^(```|~~~)/.exec(line);
    if (line.trim() === '') i++;
    else if (heading) {
      // The page has its own h1 and the panel an h2, so that headings begin at h3.
      out.push(el(`h${Math.min(heading[1].length + 2, 6)}`, inline(heading[2])));
      i++;
    } else if (fence) {
      const code = [];
      for (i++; i < lines.length && !lines[i].startsWith(fence[1]); i++) code.push(lines[i]);
      i++;
      out.push(el('pre', [el('code', [code.join('\n')])]));
    } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      out.push(el('hr', []));
      i++;
    } else if (line.startsWith('>')) {
      const own = [];
      for (; i < lines.length && lines[i].startsWith('>'); i++) own.push(lines[i].replace(/^> ?/, ''));
      out.push(el('blockquote', blocks(own, depth + 1)));
    } else if (BULLET.test(line)) {
      const [made, after] = list(lines, i, depth);
      out.push(made);
      i = after;
    } else {
      const own = [];
      for (; i < lines.length && lines[i].trim() !== '' && (own.length === 0 || !starts(lines[i])); i++) {
        own.push(lines[i].replace(/^\s+/, ''));
      }
      out.push(el('p', inline(own.join('\n'))));
    }
  }
  return out;
}

/** @param {string} text @returns {Node[]} */
export function parse(text) {
  return blocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

/** The words alone, for a preview of one line. @param {Node[]} nodes @returns {string} */
export function plain(nodes) {
  return nodes.map((n) => (typeof n === 'string' ? n : plain(n.kids))).join(' ').replace(/\s+/g, ' ').trim();
}

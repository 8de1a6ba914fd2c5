// @ts-check
// Fuzzy search by name: whole words before beginnings, beginnings before letters in order.

/** @param {string} text without marks and case, character for character as far as that can be */
function fold(text) {
  return Array.from(text, (c) => {
    const f = c.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    return f.length === c.length ? f : c.toLowerCase().length === c.length ? c.toLowerCase() : c;
  }).join('');
}

/**
 * Where a query is found in a name, best first; null when it is not.
 * @param {string} name @param {string} query
 * @returns {{score: number, ranges: [number, number][]} | null}
 */
export function match(name, query) {
  const [text, wanted] = [fold(name), fold(query.trim())];
  if (!wanted) return { score: 0, ranges: [] };
  const at = text.indexOf(wanted);
  if (at >= 0) {
    const begins = at === 0 ? 0 : /[\s/_>.-]/.test(text[at - 1]) ? 1 : 2;
    return { score: begins + (text.length === wanted.length ? -1 : text.length / 10000),
      ranges: [[at, at + wanted.length]] };
  }
  /** @type {[number, number][]} */
  const ranges = [];
  let from = 0;
  for (const c of wanted.replace(/\s+/g, '')) {
    const i = text.indexOf(c, from);
    if (i < 0) return null;
    const last = ranges.at(-1);
    if (last && last[1] === i) last[1] = i + c.length;
    else ranges.push([i, i + c.length]);
    from = i + c.length;
  }
  return { score: 3 + ranges.length + text.length / 10000, ranges };
}

/**
 * The items whose name holds the query, best first; parts alternate between plain and found.
 * @template {{name: string}} T @param {T[]} items @param {string} query
 * @returns {{item: T, parts: string[]}[]}
 */
export function rank(items, query) {
  const found = [];
  for (const [index, item] of items.entries()) {
    const m = match(item.name, query);
    if (m) found.push({ item, index, ...m });
  }
  found.sort((a, b) => a.score - b.score || a.index - b.index);
  return found.map(({ item, ranges }) => {
    const parts = [];
    let at = 0;
    for (const [a, b] of ranges) {
      parts.push(item.name.slice(at, a), item.name.slice(a, b));
      at = b;
    }
    parts.push(item.name.slice(at));
    return { item, parts };
  });
}

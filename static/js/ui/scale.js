// @ts-check
// Arithmetic of the charts: scales, round ticks, paths. No page and no drawing here, so that it
// can be tested under Node.

/**
 * A straight line from the domain to pixels.
 * @param {number} d0 @param {number} d1 @param {number} r0 @param {number} r1
 * @returns {(value: number) => number}
 */
export function linear(d0, d1, r0, r1) {
  const span = d1 - d0;
  return value => span === 0 ? (r0 + r1) / 2 : r0 + (value - d0) / span * (r1 - r0);
}

/**
 * Round steps (1, 2 or 5 times a power of ten) that cover the range, both ends included.
 * @param {number} low @param {number} high
 * @param {number} [count] about so many steps
 * @param {number} [least] the smallest step that makes sense; 1 for counts
 * @returns {number[]}
 */
export function ticks(low, high, count = 5, least = 0) {
  if (!(high > low)) high = low + (least || 1);
  const raw = Math.max((high - low) / Math.max(1, count), least);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw * (1 - 1e-9)) ?? 10 * power;
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  const out = [];
  // Multiples are divided again rather than added up, or 0.1 + 0.2 shows on the axis.
  for (let i = first; i <= last; i++) out.push(step < 1 ? i / Math.round(1 / step) : i * step);
  return out;
}

/**
 * Every so many-th entry such that labels of the given width do not touch; the last one stays.
 * @param {number} n entries @param {number} pixels room @param {number} each one label's width
 * @returns {Set<number>}
 */
export function thin(n, pixels, each) {
  const step = Math.max(1, Math.ceil(n * each / Math.max(1, pixels)));
  const out = new Set();
  for (let i = n - 1; i >= 0; i -= step) out.add(i);
  return out;
}

/**
 * An SVG path through the points; null values leave a gap.
 * @param {(readonly [number, number] | null)[]} points
 * @param {'line'|'step'} [kind]
 */
export function path(points, kind = 'line') {
  let d = '';
  /** @type {readonly [number, number] | null} */
  let before = null;
  for (const p of points) {
    if (p) {
      const [x, y] = [round(p[0]), round(p[1])];
      if (!before) d += `M${x} ${y}`;
      else d += kind === 'step' ? `H${x}V${y}` : `L${x} ${y}`;
    }
    before = p;
  }
  return d;
}

/**
 * Shares that add up to the whole: widths of a stacked bar, with a visible sliver for what is
 * there but tiny.
 * @param {number[]} values @param {number} width @param {number} [sliver]
 * @returns {{x: number, width: number}[]}
 */
export function stack(values, width, sliver = 2) {
  const total = values.reduce((a, b) => a + b, 0);
  if (total <= 0) return values.map(() => ({ x: 0, width: 0 }));
  const wide = values.map(v => v > 0 ? Math.max(sliver, v / total * width) : 0);
  const over = wide.reduce((a, b) => a + b, 0) - width;
  const largest = wide.indexOf(Math.max(...wide));
  wide[largest] = Math.max(0, wide[largest] - over);
  let x = 0;
  return wide.map(w => { const at = x; x += w; return { x: at, width: w }; });
}

/**
 * The confusion matrix cut to what fits: the classes that take part in the largest confusions.
 * @param {string[]} labels @param {number[][]} counts @param {number} most
 * @returns {{labels: string[], counts: number[][], hidden: number}}
 */
export function trimMatrix(labels, counts, most) {
  if (labels.length <= most) return { labels, counts, hidden: 0 };
  const weight = labels.map((_, i) => labels.reduce((sum, _l, j) =>
    i === j ? sum : sum + (counts[i]?.[j] ?? 0) + (counts[j]?.[i] ?? 0), 0));
  const keep = labels.map((_, i) => i).sort((a, b) => weight[b] - weight[a] || a - b)
    .slice(0, most).sort((a, b) => a - b);
  return {
    labels: keep.map(i => labels[i]),
    counts: keep.map(i => keep.map(j => counts[i]?.[j] ?? 0)),
    hidden: labels.length - most,
  };
}

/** @param {number} v */
function round(v) { return Math.round(v * 10) / 10; }

// @ts-check
// Reads what /metrics says (the Prometheus text format) far enough to put it into words.

/**
 * @param {string} text
 * @returns {Map<string, {labels: Record<string, string>, value: number}[]>} by name
 */
export function readMetrics(text) {
  const out = new Map();
  for (const line of text.split('\n')) {
    const m = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([^\s]+)/.exec(line);
    if (!m || line.startsWith('#')) continue;
    const value = m[3] === '+Inf' ? Infinity : Number(m[3]);
    if (Number.isNaN(value)) continue;
    const labels = Object.fromEntries([...(m[2]
      ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((l) =>
        [l[1], l[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))]));
    out.set(m[1], [...out.get(m[1]) ?? [], { labels, value }]);
  }
  return out;
}

/** The sum of a metric over those of its labels that fit; undefined when there is none.
 *  @param {ReturnType<typeof readMetrics>} metrics @param {string} name @param {(labels:
 *  Record<string, string>) => boolean} [fits] */
export function total(metrics, name, fits = () => true) {
  const all = metrics.get(name)?.filter((m) => fits(m.labels));
  return all?.length ? all.reduce((sum, m) => sum + m.value, 0) : undefined;
}

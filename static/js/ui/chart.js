// @ts-check
// The charts, drawn as SVG at the width they are given: lines, horizontal bars, one stacked bar,
// dots with intervals, a step curve, a matrix. Each is one image for a screen reader, with a title
// and a sentence; the numbers themselves are in the table behind it (js/lead/tile.js). Series are
// told apart by pattern and dash as well as by colour; colours come from css/charts.css.

import { html, useEffect, useRef, useState, useId } from './html.js';
import { linear, ticks, thin, path, stack } from './scale.js';

const FONT = 12;

/**
 * The width of the element the ref is put on, kept up to date.
 * @param {number} [start]
 * @returns {[{current: HTMLElement | null}, number]}
 */
export function useWidth(start = 480) {
  const ref = useRef(/** @type {any} */ (null));
  const [width, setWidth] = useState(start);
  useEffect(() => {
    const el = ref.current;
    if (!el) return undefined;
    const watch = new ResizeObserver(entries => {
      const wide = Math.floor(entries[0].contentRect.width);
      if (wide > 0) setWidth(wide);
    });
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return [ref, width];
}

/** About how wide a text is at 12 px; SVG has no ellipsis of its own. @param {string} text */
export function textWidth(text) {
  let width = 0;
  for (const c of text) {
    const code = /** @type {number} */ (c.codePointAt(0));
    width += code >= 0x1100 && !(code >= 0x1e00 && code < 0x2e80) ? FONT : /[MW@%mw]/.test(c) ? 10.5
      : /[A-Z]/.test(c) ? 8.6 : /[iljt.,:;'| ]/.test(c) ? 3.9 : 7.1;
  }
  return width;
}

/** @param {string} text @param {number} pixels */
export function fitText(text, pixels) {
  if (textWidth(text) <= pixels) return text;
  let out = '', width = textWidth('…');
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += textWidth(segment);
    if (width > pixels) break;
    out += segment;
  }
  return out.trimEnd() + '…';
}

/**
 * The SVG itself with its title, description and the patterns of the series.
 * @param {{width: number, height: number, title: string, desc: string, children?: any}} props
 */
function Svg({ width, height, title, desc, children }) {
  const id = useId();
  return html`<svg class="chart" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}
    role="img" aria-labelledby=${`${id}t ${id}d`}>
    <title id=${`${id}t`}>${title}</title><desc id=${`${id}d`}>${desc}</desc>
    ${children}</svg>`;
}

/** Hatching for the second and dots for the third series. @param {{id: string}} props */
function Patterns({ id }) {
  return html`<defs>
    <pattern id=${`${id}h`} width="6" height="6" patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)">
      <rect class="pattern-ground" width="6" height="6" />
        <rect class="pattern-ink" width="3" height="6" /></pattern>
    <pattern id=${`${id}d`} width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="pattern-ground" width="6" height="6" />
        <circle class="pattern-ink" cx="3" cy="3" r="1.4" /></pattern>
    <pattern id=${`${id}x`} width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="pattern-ground" width="6" height="6" />
        <path class="pattern-bad" d="M0 0L6 6M6 0L0 6" /></pattern>
  </defs>`;
}

/** @typedef {'human'|'machine'|'provisional'|'failed'|'left'} Tone */
/** What fills a tone. @param {Tone} tone @param {string} id */
function fill(tone, id) {
  return { human: undefined, left: undefined, machine: `url(#${id}h)`, provisional: `url(#${id}d)`,
    failed: `url(#${id}x)` }[tone];
}

/** A key of the tones below a chart. @param {{parts: {tone: Tone, label: string, value?:
 *  string}[]}} props */
export function Key({ parts }) {
  const id = useId();
  return html`<ul class="chart-key">${parts.map(p => html`<li key=${p.tone}>
    <svg width="14" height="14" aria-hidden="true"><${Patterns} id=${id} />
      <rect class=${`tone tone-${p.tone}`} x="0.5" y="0.5" width="13" height="13" rx="2"
        fill=${fill(p.tone, id)} /></svg>
    <span>${p.label}</span>${p.value ? html` <b>${p.value}</b>` : null}</li>`)}</ul>`;
}

/**
 * One bar made of parts.
 * @param {{title: string, desc: string, parts: {label: string, value: number, tone: Tone}[],
 *  height?: number}} props
 */
export function StackBar({ title, desc, parts, height = 24 }) {
  const [ref, width] = useWidth();
  const id = useId();
  const boxes = stack(parts.map(p => p.value), width - 2, 3);
  return html`<div ref=${ref} class="chart-box">
    <${Svg} width=${width} height=${height} title=${title} desc=${desc}>
    <${Patterns} id=${id} />
    <rect class="tone tone-left" x="0.5" y="0.5" width=${Math.max(0, width - 1)}
      height=${height - 1} rx="4" />
    ${boxes.map((b, i) => b.width > 0 && parts[i].tone !== 'left' ? html`<rect key=${parts[i].tone}
      class=${`tone tone-${parts[i].tone}`} x=${1 + b.x} y="1" width=${b.width} height=${height - 2}
      fill=${fill(parts[i].tone, id)} />` : null)}<//></div>`;
}

/**
 * Horizontal bars, one row per thing, each made of parts; the number stands at the end.
 * @param {{title: string, desc: string, format: (n: number) => string,
 *   rows: {label: string, parts: {value: number, tone: Tone}[], note?: string}[]}} props
 */
export function Bars({ title, desc, rows, format }) {
  const [ref, width] = useWidth();
  const id = useId();
  const names = Math.min(width * 0.36, Math.max(40, ...rows.map(r => textWidth(r.label))) + 10);
  const most = Math.max(1, ...rows.map(sum));
  const numbers = Math.max(...rows.map(r => textWidth(r.note ?? format(sum(r)))), 20) + 8;
  const scale = linear(0, most, 0, Math.max(10, width - names - numbers - 8));
  const step = 26;
  return html`<div ref=${ref} class="chart-box">
    <${Svg} width=${width} height=${rows.length * step + 2} title=${title} desc=${desc}>
    <${Patterns} id=${id} />
    ${rows.map((r, i) => {
      let x = names;
      const y = i * step;
      return html`<g key=${r.label}><title>${r.label}</title>
        <text x=${names - 8} y=${y + 17} text-anchor="end">${fitText(r.label, names - 8)}</text>
        <line class="axis" x1=${names} x2=${names} y1=${y} y2=${y + step} />
        ${r.parts.map(p => {
          const wide = p.value > 0 ? Math.max(1.5, scale(p.value)) : 0;
          const at = x;
          x += wide;
          return wide ? html`<rect key=${p.tone} class=${`tone tone-${p.tone}`} x=${at} y=${y + 5}
            width=${wide}
            height="16" fill=${fill(p.tone, id)} />` : null;
        })}
        <text class="value" x=${x + 6} y=${y + 17}>${r.note ?? format(sum(r))}</text></g>`;
    })}<//></div>`;
}

/** @param {{parts: {value: number}[]}} row */
function sum(row) { return row.parts.reduce((s, p) => s + p.value, 0); }

/**
 * Dots with their intervals on one scale. A row without a value shows its note instead.
 * @param {{title: string, desc: string, min: number, max: number, format: (n: number) => string,
 *   target?: {value: number, label: string},
 *   rows: {label: string, value?: number, low?: number, high?: number, note?: string}[]}} props
 */
export function Dots({ title, desc, rows, min, max, format, target }) {
  const [ref, width] = useWidth();
  const names = Math.min(width * 0.34, Math.max(40, ...rows.map(r => textWidth(r.label))) + 12);
  const marks = ticks(min, max, Math.max(2, Math.floor((width - names) / 90))).filter(t =>
    t >= min - 1e-9 && t <= max + 1e-9);
  const x = linear(min, max, names + 8, width - 56);
  const step = 28, height = rows.length * step + 24;
  return html`<div ref=${ref} class="chart-box">
    <${Svg} width=${width} height=${height} title=${title} desc=${desc}>
    ${marks.map(t => html`<g key=${t}>
      <line class="grid" x1=${x(t)} x2=${x(t)} y1="0" y2=${height - 20} />
      <text class="tick" x=${x(t)} y=${height - 5} text-anchor="middle">${format(t)}</text></g>`)}
    ${target ? html`<line class="target" x1=${x(target.value)} x2=${x(target.value)} y1="0"
      y2=${height - 20}><title>${target.label}</title></line>` : null}
    ${rows.map((r, i) => {
      const y = i * step + step / 2;
      const low = Math.max(min, r.low ?? r.value ?? min),
        high = Math.min(max, r.high ?? r.value ?? max);
      return html`<g key=${r.label + i}><title>${r.label}</title>
        <text x=${names - 4} y=${y + 4} text-anchor="end">${fitText(r.label, names - 8)}</text>
        ${r.value === undefined ? html`<text class="note" x=${names + 8} y=${y + 4}>
          ${fitText(r.note ?? '', width - names - 12)}</text>`
        : html`<path class="whisker"
          d=${`M${x(low)} ${y - 5}v10M${x(low)} ${y}H${x(high)}M${x(high)} ${y - 5}v10`} />
          <circle class="dot" cx=${x(Math.max(min, r.value))} cy=${y} r="5" />
          <text class="value" x=${width - 2} y=${y + 4} text-anchor="end">
            ${format(r.value)}</text>`}</g>`;
    })}<//></div>`;
}

/**
 * Lines over equally spaced points; kind "step" holds each value until the next point.
 * @param {{title: string, desc: string, labels: string[], kind?: 'line'|'step', height?: number,
 *   series: {label: string, tone: Tone, values: (number|null)[], low?: (number|null)[], high?:
 *  (number|null)[]}[],
 *   format: (n: number) => string, min?: number, max?: number, least?: number,
 *   target?: {value: number, label: string}}} props
 */
export function Lines({ title, desc, labels, series, format, kind = 'line', height = 200, min, max,
  least = 0, target }) {
  const [ref, width] = useWidth();
  const all = series.flatMap(s => [...s.values, ...s.low ?? [], ...s.high ?? []]).filter(v =>
    v !== null);
  if (target) all.push(target.value);
  const lows = min ?? Math.min(0, ...all), highs = max ?? Math.max(...all, lows + (least || 1e-6));
  let marks = ticks(lows, highs, Math.max(2, Math.floor(height / 50)), least);
  if (max !== undefined) marks = marks.filter(t => t <= max + 1e-9 && t >= lows - 1e-9);
  const gutter = Math.max(...marks.map(m => textWidth(format(m)))) + 12;
  const y = linear(Math.min(lows, marks[0]), max ?? marks[marks.length - 1], height - 24, 10);
  const n = labels.length;
  const x = linear(0, Math.max(1, n - 1), gutter + 6, width - 14);
  const shown = thin(n, width - gutter, Math.max(...labels.map(textWidth), 20) + 16);
  /** @param {(number|null)[]} values */
  const dots = values => values.map((v, i) => v === null ? null
    : /** @type {const} */ ([x(i), y(v)]));
  return html`<div ref=${ref} class="chart-box">
    <${Svg} width=${width} height=${height} title=${title} desc=${desc}>
    ${marks.map(t => html`<g key=${t}>
      <line class="grid" x1=${gutter} x2=${width} y1=${y(t)} y2=${y(t)} />
      <text class="tick" x=${gutter - 6} y=${y(t) + 4} text-anchor="end">${format(t)}</text></g>`)}
    ${labels.map((l, i) => shown.has(i)
      ? html`<text key=${i} class="tick" x=${Math.min(x(i), width - textWidth(l) / 2 - 2)}
        y=${height - 4}
      text-anchor="middle">${l}</text>` : null)}
    ${target ? html`<line class="target" x1=${gutter} x2=${width} y1=${y(target.value)}
      y2=${y(target.value)} />
      <text class="target-label" x=${gutter + 4} y=${y(target.value) - 5}>${target.label}</text>`
        : null}
    ${series.map(s => html`<g key=${s.label} class=${`series series-${s.tone}`}>
      ${s.low && s.high ? s.low.map((l, i) => {
        const h = s.high?.[i];
        return l === null || h === null || h === undefined ? null
          : html`<path key=${i} class="whisker"
            d=${`M${x(i) - 4} ${y(l)}h8M${x(i)} ${y(l)}V${y(h)}M${x(i) - 4} ${y(h)}h8`} />`;
      }) : null}
      <path class="stroke" d=${path(dots(s.values), kind)} />
      ${n <= 16 && kind === 'line' ? dots(s.values).map((p, i) => p ? s.tone === 'machine'
        ? html`<rect key=${i} class="mark" x=${p[0] - 3} y=${p[1] - 3} width="6" height="6" />`
        : html`<circle key=${i} class="mark" cx=${p[0]} cy=${p[1]} r="3" />` : null) : null}</g>`)}
          <//></div>`;
}

/**
 * Counts of given × final: the darker the more of its row, with the number in it.
 * @param {{title: string, desc: string, labels: string[], counts: number[][], rowTitle: string,
 *  columnTitle: string,
 *   format: (n: number) => string}} props
 */
export function Matrix({ title, desc, labels, counts, rowTitle, columnTitle, format }) {
  const [ref, width] = useWidth();
  const n = labels.length;
  const names = Math.min(width * 0.3, Math.max(50, ...labels.map(textWidth)) + 22);
  const over = Math.min(64, Math.max(0, textWidth(labels[n - 1]) * 0.79 - 12));
    // the last slanted name
  const cell = Math.max(16, Math.min(56, (width - names - over) / n));
  const tall = Math.max(20, Math.min(34, cell));
  const head = Math.min(90, Math.max(...labels.map(textWidth)) * 0.75 + 24);
  return html`<div ref=${ref} class="chart-box chart-scroll">
    <${Svg} width=${Math.max(width, names + cell * n + over)} height=${head + tall * n + 4}
    title=${title} desc=${desc}>
    <text class="tick" x=${names} y="12">${columnTitle} →</text>
    <text class="tick" x="0" y=${head - 4}>${rowTitle} ↓</text>
    ${labels.map((l, j) => { const cx = names + cell * (j + 0.5) + 3;
      return html`<text key=${`c${j}`} x=${cx} y=${head - 6}
      transform=${`rotate(-38 ${cx} ${head - 6})`}>${fitText(l, (head - 20) / 0.66)}</text>`; })}
    ${labels.map((l, i) => {
      const total = counts[i].reduce((a, b) => a + b, 0);
      const y = head + tall * i;
      return html`<g key=${i}><text x=${names - 8} y=${y + tall / 2 + 4} text-anchor="end">
        ${fitText(l, names - 16)}</text>
        ${counts[i].map((v, j) => {
          const share = total ? v / total : 0;
          return html`<g key=${j}><title>${`${l} → ${labels[j]}: ${format(v)}`}</title>
            <rect class=${i === j ? 'cell cell-same' : 'cell cell-other'} x=${names + cell * j}
              y=${y} width=${cell - 2} height=${tall - 2}
              fill-opacity=${v ? 0.12 + 0.5 * share : 0} />
            ${v && cell >= textWidth(format(v)) + 2
              ? html`<text class="value" x=${names + cell * (j + 0.5) - 1} y=${y + tall / 2 + 3}
              text-anchor="middle">${format(v)}</text>` : null}</g>`;
        })}</g>`;
    })}<//></div>`;
}

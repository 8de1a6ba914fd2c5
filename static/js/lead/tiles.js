// @ts-check
// The tiles of a job's dashboard about people and answers. Each takes {job, data}: the job and what
// GET /jobs/{job}/dashboard gave.

import { ago, dateTime, minute, number, percent, span } from '../core/format.js';
import { Bars, Dots, Key, Lines, Matrix, StackBar } from '../ui/chart.js';
import { Icon, html } from '../ui/html.js';
import { Stat } from '../ui/parts.js';
import { trimMatrix } from '../ui/scale.js';
import { filterToSearch } from './filter.js';
import { Tile } from './tile.js';
import { t } from './words.js';

/** A count, in a table's column. @param {number} n */
export const whole = (n) => number(n);

/** Where a number leads: the items behind it. @param {any} job @param
 *  {import('./filter.js').Filter} filter */
export const itemsLink = (job, filter) =>
  `/jobs/${encodeURIComponent(job.id)}/items${filterToSearch(filter)}`;

/** @param {{job: any, data: any}} props */
export function Progress({ job, data }) {
  const c = data.counts;
  const parts = /** @type {{tone: import('../ui/chart.js').Tone, label: string, value: number, filter: any}[]} */ ([
    { tone: 'human', label: t('dash.human'), value: c.human,
      filter: { state: 'labelled', origin: 'human' } },
    { tone: 'machine', label: t('dash.machine'), value: c.machine,
      filter: { state: 'labelled', origin: 'machine' } },
    { tone: 'failed', label: t('dash.failed'), value: c.failed, filter: { state: 'failed' } },
    { tone: 'left', label: t('dash.left'), value: c.unlabelled, filter: { state: 'waiting' } }]);
  const done = c.human + c.machine;
  const desc = parts.map((p) => `${p.label} ${number(p.value)}`).join(', ');
  return html`<${Tile} wide title=${t('dash.progress')} name=${`${job.name}-progress`}
    info=${t('dash.progressInfo')}
    table=${{ header: [t('dash.state'), t('dash.items')],
      rows: parts.map((p) => [p.label, p.value]),
      show: [(/** @type {any} */ v) => { const p = parts.find((one) => one.label === v);
        return p ? html`<a href=${itemsLink(job, p.filter)}>${v}</a>` : v; }, whole] }}>
    <div class="stats"><${Stat}
      value=${percent(c.total ? Math.floor((done / c.total) * 1000) / 1000 : 0, 1)}
        label=${t('dash.done', { n: done, all: c.total })} />
      <${Stat} value=${number(c.answers)} label=${t('dash.answers')} />
      <${Stat} value=${number(data.per_hour ?? 0)} label=${t('dash.perHour')} />
      <${Stat} value=${number(c.open)} label=${t('dash.open')} />
      ${c.skips > 0 && html`<${Stat} value=${number(c.skips)} label=${t('dash.skips')} />`}
      ${data.eta && job.state === 'in_progress'
        && html`<${Stat} value=${ago(data.eta)}
          label=${t('dash.eta', { when: dateTime(data.eta) })} />`}</div>
    <${StackBar} title=${t('dash.progress')} desc=${desc} parts=${parts} />
    <${Key} parts=${parts.map((p) => ({ ...p, value: number(p.value) }))} />
    ${c.provisional > 0 && html`<p class="meta tile-note">
      ${t('dash.provisional', { n: c.provisional })}</p>`}
    ${!c.answers && html`<p class="muted tile-note">${t('dash.startsWith')}</p>`}<//>`;
}

/** @param {{job: any, data: any}} props */
export function Throughput({ job, data }) {
  const points = data.throughput ?? [];
  const series = [{ label: t('dash.people'), tone: /** @type {const} */ ('human'),
    values: points.map((/** @type {any} */ p) => p.answers) }];
  const machine = points.some((/** @type {any} */ p) => p.machine);
  if (machine) series.push({ label: t('dash.machine'), tone: /** @type {any} */ ('machine'),
    values: points.map((/** @type {any} */ p) => p.machine) });
  const most = Math.max(0, ...points.map((/** @type {any} */ p) => p.answers));
  return html`<${Tile} title=${t('dash.throughput')} name=${`${job.name}-throughput`}
    info=${t('dash.throughputInfo')}
    empty=${points.length ? null : t('dash.startsWith')}
    table=${{ header: [t('dash.hour'), t('dash.answers'), t('dash.machine')],
      rows: points.map((/** @type {any} */ p) => [p.at, p.answers, p.machine]),
        show: [dateTime, whole, whole] }}>
    <${Lines} title=${t('dash.throughput')}
      desc=${t('dash.throughputDesc', { n: points.length, most })} least=${1}
      labels=${points.map((/** @type {any} */ p) => minute(p.at))} series=${series}
        format=${number} />
    ${machine && html`<${LineKey} series=${series} />`}<//>`;
}

/** A key for lines: the dash and the mark, then the name.
 *  @param {{series: {label: string, tone: string}[], target?: string}} props */
export function LineKey({ series, target }) {
  return html`<ul class="chart-key">
    ${series.map((s) => html`<li key=${s.label}>
      <svg class="chart" width="28" height="12" aria-hidden="true">
      <g class=${`series series-${s.tone}`}><path class="stroke" d="M1 6H27" />
        ${s.tone === 'machine' ? html`<rect class="mark" x="11" y="3" width="6" height="6" />`
          : html`<circle class="mark" cx="14" cy="6" r="3" />`}</g></svg>
    <span>${s.label}</span></li>`)}
    ${target && html`<li><svg class="chart" width="28" height="12" aria-hidden="true">
      <path class="target" d="M1 6H27" /></svg><span>${target}</span></li>`}</ul>`;
}

/** Whether the confusion takes a row of its own. @param {any} data */
const wideMatrix = (data) => (data.confusion?.labels.length ?? 0) > 7;

/** @param {{job: any, data: any}} props */
export function Agreement({ job, data }) {
  const a = data.agreement ?? {};
  const known = a.alpha !== undefined && a.alpha !== null;
  const verdict = !known ? '' : a.alpha >= 0.8 ? 'good' : a.alpha >= 0.667 ? 'fair' : 'poor';
  const rows = known ? [[t('dash.alpha'), a.alpha],
    ...(a.observed === undefined ? [] : [[t('dash.observed'), a.observed]]),
      [t('dash.twice'), a.items]] : [];
  return html`<${Tile} wide=${!wideMatrix(data)} title=${t('dash.agreement')}
    name=${`${job.name}-agreement`} info=${t('dash.agreementInfo')}
    empty=${known ? null : t(job.annotators_per_item > 1 ? 'dash.agreementFew'
      : 'dash.agreementOne', { n: a.items ?? 0 })}
    table=${{ header: [t('dash.measure'), t('dash.value')], rows,
      show: [(/** @type {any} */ v) => v, (/** @type {number} */ v) => number(v, 3)] }}>
    ${known && html`<div class="stats">
      <${Stat} value=${number(a.alpha, 2)} label=${t('dash.alpha')} />
      ${a.observed !== undefined
        && html`<${Stat} value=${percent(a.observed, 1)} label=${t('dash.observed')} />`}
      <${Stat} value=${number(a.items)} label=${t('dash.twice')} /></div>
    <p class=${`verdict ${verdict}`}><${Icon} name=${verdict === 'good' ? 'check' : 'alert'} />
      ${t(`dash.agree.${verdict}`)}</p>`}<//>`;
}

/** @param {{job: any, data: any}} props */
export function Labels({ job, data }) {
  const rows = [...data.labels ?? []].sort((a, b) => b.human + b.machine - a.human - a.machine);
  const shown = rows.slice(0, 12);
  const any = rows.some((r) => r.human + r.machine > 0);
  const machine = rows.some((r) => r.machine > 0);
  return html`<${Tile} title=${t('dash.labels')} name=${`${job.name}-labels`}
    info=${t('dash.labelsInfo')}
    empty=${any ? null : t('dash.startsWith')}
      note=${any && rows.length > shown.length
        && t('dash.labelsMore', { n: rows.length - shown.length })}
    table=${{ header: [t('dash.label'), t('dash.human'), t('dash.machine')],
      rows: rows.map((r) => [r.label, r.human, r.machine]),
      show: [(/** @type {string} */ v) =>
        html`<a href=${itemsLink(job, { label: v })}><bdi>${v}</bdi></a>`, whole, whole] }}>
    <${Bars} title=${t('dash.labels')}
      desc=${shown.map((r) => `${r.label} ${number(r.human + r.machine)}`).join(', ')}
        format=${number}
      rows=${shown.map((r) => ({ label: r.label,
        parts: [{ tone: 'human', value: r.human }, { tone: 'machine', value: r.machine }] }))} />
    ${machine && html`<${Key}
      parts=${[{ tone: 'human', label: t('dash.human') },
        { tone: 'machine', label: t('dash.machine') }]} />`}<//>`;
}

/** @param {{job: any, data: any}} props */
export function Annotators({ job, data }) {
  const people = [...data.annotators ?? []].sort((a, b) => Number(b.enough) - Number(a.enough)
    || b.answers - a.answers);
  const shown = people.slice(0, 15);
  const judged = shown.filter((p) => p.enough && p.accuracy !== undefined);
  const low = Math.min(0.9, ...judged.map((p) => p.low ?? p.accuracy));
  const few = (/** @type {any} */ p) => (p.answers < 30 ? t('dash.few', { n: p.answers })
    : t('dash.fewOf'));
  return html`<${Tile} title=${t('dash.annotators')} name=${`${job.name}-annotators`}
    info=${t('dash.annotatorsInfo')}
    empty=${people.length ? null : t('dash.startsWith')}
      note=${people.length > shown.length
        && t('dash.peopleMore', { n: people.length - shown.length })}
    table=${{ header: [t('dash.person'), t('dash.answers'), t('dash.accuracy'), t('dash.low'),
      t('dash.high'), t('dash.median')],
      rows: people.map((p) => [p.name, p.answers, p.enough ? p.accuracy : few(p), p.enough ? p.low
        : null, p.enough ? p.high : null, p.median_ms]),
      show: [(/** @type {string} */ v,
        /** @type {any[]} */ row) => { const p = people.find((one) => one.name === v
          && one.answers === row[1]);
        return html`<a href=${itemsLink(job, { annotator: p?.person })}><bdi>${v}</bdi></a>`; },
          whole,
      share, share, share, (/** @type {number} */ v) => span(v)] }}>
    <${Dots} title=${t('dash.annotators')} min=${Math.floor(low * 10 - 1e-9) / 10} max=${1}
      format=${(/** @type {number} */ v) => percent(v)}
      desc=${shown.map((p) => (p.enough
        ? `${p.name} ${percent(p.accuracy)}, ${percent(p.low)}–${percent(p.high)}`
          : `${p.name}: ${few(p)}`)).join('; ')}
      rows=${shown.map((p) => (p.enough ? { label: p.name, value: p.accuracy, low: p.low,
        high: p.high } : { label: p.name, note: few(p) }))} /><//>`;
}

/** @param {number|string} v */
function share(v) { return typeof v === 'number' ? percent(v, 1) : v; }

/** @param {{job: any, data: any}} props */
export function Confusion({ job, data }) {
  const c = data.confusion;
  const any = c?.counts?.some((/** @type {number[]} */ row) => row.some((n) => n > 0));
  const cut = any ? trimMatrix(c.labels, c.counts, 12) : null;
  const pairs = any ? c.labels.flatMap((/** @type {string} */ given, /** @type {number} */ i) =>
    c.labels.map((/** @type {string} */ final, /** @type {number} */ j) =>
      [given, final, c.counts[i][j]]))
    .filter((/** @type {any[]} */ r) => r[2] > 0).sort((/** @type {any[]} */ a,
      /** @type {any[]} */ b) => Number(a[0] === a[1]) - Number(b[0] === b[1]) || b[2] - a[2]) : [];
  const worst = pairs.find((/** @type {any[]} */ p) => p[0] !== p[1]);
  const desc = worst ? t('dash.confusionDesc', { given: worst[0], final: worst[1], n: worst[2] })
    : t('dash.confusionNone');
  return html`<${Tile} wide=${wideMatrix(data)} title=${t('dash.confusion')}
    name=${`${job.name}-confusion`} info=${t('dash.confusionInfo')}
    empty=${any ? null : t('dash.startsWith')}
      note=${!any ? null : cut?.hidden
        ? t('dash.confusionCut', { n: cut.labels.length, all: c.labels.length }) : desc}
    table=${{ header: [t('dash.given'), t('dash.final'), t('dash.answers')], rows: pairs,
      show: [(/** @type {string} */ v) => html`<bdi>${v}</bdi>`, (/** @type {string} */ v) =>
        html`<a href=${itemsLink(job, { label: v })}><bdi>${v}</bdi></a>`, whole] }}>
    ${cut && html`<${Matrix} title=${t('dash.confusion')} desc=${desc} labels=${cut.labels}
      counts=${cut.counts}
      rowTitle=${t('dash.given')} columnTitle=${t('dash.final')} format=${number} />`}<//>`;
}

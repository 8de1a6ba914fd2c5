// @ts-check
// The tiles about auto-labelling: what it saves, how sure it is, and why it decided as it did.

import { dateTime, number, percent, span } from '../core/format.js';
import { Lines } from '../ui/chart.js';
import { html } from '../ui/html.js';
import { Badge } from '../ui/parts.js';
import { LineKey, whole } from './tiles.js';
import { Tile } from './tile.js';
import { t } from './words.js';

/** A share, with as many digits as a target of 99.9 % needs. @param {number} v */
const fine = (v) => percent(v, 1);

/** @param {any} data */
const roundTable = (data) => ({
  header: ['round', 'human', 'auto', 'rest', 'estimate', 'low', 'high', 'target', 'seconds',
    'when'].map((k) => t(`dash.r.${k}`)),
  rows: data.rounds.map((/** @type {any} */ r) => [r.round, r.human, r.auto, r.rest, r.estimate,
    r.low, r.high, r.target, r.seconds, r.created]),
  show: [String, whole, whole, whole, fine, fine, fine, fine, (/** @type {number} */ s) =>
    span(s * 1000), dateTime],
});

/** @param {{job: any, data: any}} props */
export function AutoLabel({ job, data }) {
  const rounds = data.rounds ?? [];
  const on = job.auto_label?.enabled;
  const last = rounds[rounds.length - 1];
  const target = last?.target ?? job.auto_label?.target;
  const labels = rounds.map((/** @type {any} */ r) => number(r.round));
  const of = (/** @type {string} */ k) => rounds.map((/** @type {any} */ r) => r[k] ?? null);
  const saved = [{ label: t('dash.human'), tone: /** @type {const} */ ('human'),
    values: of('human') },
    { label: t('dash.machine'), tone: /** @type {const} */ ('machine'), values: of('auto') },
    { label: t('dash.left'), tone: /** @type {const} */ ('left'), values: of('rest') }];
  const aim = t('dash.target', { share: fine(target ?? 0) });
  const floor = Math.min(target ?? 1, ...of('low').filter((/** @type {any} */ v) => v !== null));
  return html`<${Tile} wide title=${t('dash.auto')} name=${`${job.name}-auto-label`}
    info=${t('dash.autoInfo', { share: fine(target ?? 0) })}
    empty=${!on && !rounds.length ? t('dash.autoOff') : !rounds.length ? t('dash.autoFirst') : null}
    table=${rounds.length ? roundTable(data) : undefined}
      note=${job.auto_label?.promise && on ? t('dash.promise', { text: job.auto_label.promise })
        : null}>
    ${last && html`<div class="pair">
      <figure><figcaption class="chart-caption">${t('dash.sure')}</figcaption>
      <${Lines} title=${t('dash.sure')} labels=${labels} format=${fine} max=${1}
        min=${Math.max(0, Math.floor(floor * 20 - 1e-9) / 20)}
        desc=${t('dash.sureDesc', { n: last.round, share: fine(last.estimate), low: fine(last.low),
          high: fine(last.high), target: fine(last.target) })}
        target=${{ value: target, label: aim }}
          series=${[{ label: t('dash.estimate'), tone: 'human', values: of('estimate'),
            low: of('low'), high: of('high') }]} />
      <${LineKey} series=${[{ label: t('dash.estimateKey'), tone: 'human' }]} target=${aim} />
        </figure>
    <figure><figcaption class="chart-caption">${t('dash.saving')}</figcaption>
      <${Lines} title=${t('dash.saving')} kind="step" labels=${labels} format=${number}
        series=${saved} least=${1}
        desc=${t('dash.savingDesc', { n: last.round, human: last.human, auto: last.auto,
          rest: last.rest })} />
      <${LineKey} series=${saved} /></figure></div>`}<//>`;
}

/** @param {{job: any, data: any}} props */
export function Rounds({ job, data }) {
  const rounds = [...data.rounds ?? []].reverse();
  if (!rounds.length) return null;
  return html`<${Tile} wide title=${t('dash.rounds')} name=${`${job.name}-rounds`}
    info=${t('dash.roundsInfo')} table=${{
    ...roundTable(data), header: [...roundTable(data).header, t('dash.r.sentence')],
    rows: roundTable(data).rows.map((/** @type {any[]} */ r, /** @type {number} */ i) =>
      [...r, data.rounds[i].sentence]) }}>
    <ol class="plain rounds">${rounds.slice(0, 8).map((r, i) => html`<li key=${r.round}>
      <span class="round-number"><span class="unseen">${t('dash.r.round')} </span>
        ${number(r.round)}</span>
      <div class="grow"><p class="wrap">${r.sentence}</p>
        <p class="meta">${t('dash.r.line',
          { human: r.human, rest: r.rest, when: dateTime(r.created) })}</p></div>
      ${i === 0 && html`<${Badge} kind="accent">${t('dash.latest')}<//>`}</li>`)}</ol>
    ${rounds.length > 8 && html`<p class="meta">${t('dash.roundsMore', { n: rounds.length - 8 })}
      </p>`}<//>`;
}

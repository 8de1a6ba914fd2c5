// @ts-check
// One item with all that is known about it: who answered what, how sure the label is, what it was
// before, who passed it on, and its line in the manifest.

import * as api from '../core/api.js';
import { dateTime, number, percent, span } from '../core/format.js';
import { Bars } from '../ui/chart.js';
import { IconButton } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { cx, html, useEffect, useRef, useState } from '../ui/html.js';
import { Badge, Notice } from '../ui/parts.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { ItemLabel } from './itemrow.js';
import { t } from './words.js';

/** @param {{job: any, id: string, onclose: () => void, before: (() => void) | null, after: (() =>
 *  void) | null}} props */
export function ItemDrawer({ job, id, onclose, before, after }) {
  const { data, error, loading, reload } = useLoad((signal) =>
    api.get(api.url`/jobs/${job.id}/items/${id}`, { signal }), [job.id, id]);
  const item = data?.id === id ? data : null;
  const go = useRef({ before, after });
  go.current = { before, after };
  useEffect(() => {   // the focus may be on the dialog's own buttons, so the keys are heard everywhere
    const key = (/** @type {KeyboardEvent} */ e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
      const run = e.key === 'ArrowLeft' ? go.current.before : e.key === 'ArrowRight'
        ? go.current.after : null;
      if (!run) return;
      e.preventDefault();
      run();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
  return html`<${Dialog} title=${item ? t('item.title', { line: number(item.line + 1) })
    : t('item.loading')} look="drawer" onclose=${onclose}>
    <div class="item-drawer stack wide">
      <div class="row"><${IconButton} icon="left" kind="" label=${t('item.before')} keys="←"
        disabled=${!before} onclick=${before ?? undefined} />
        <${IconButton} icon="right" kind="" label=${t('item.after')} keys="→" disabled=${!after}
          onclick=${after ?? undefined} />
        <span class="meta mono clip">${id}</span></div>
      ${error ? html`<${Failed} error=${error} retry=${reload} />` : !item && loading
        ? html`<${Loading} lines=${4} />` : null}
      ${item && html`<${Details} item=${item} job=${job} />`}</div><//>`;
}

/** @param {{media: any}} props */
function Picture({ media }) {
  const [lost, setLost] = useState(false);
  if (lost) return html`<p class="muted">${t('items.noPicture')}</p>`;
  return html`<a class="item-picture" href=${media.url} target="_blank" rel="noopener"
    aria-label=${t('item.openPicture')}><img src=${media.preview.replace('size=160', 'size=1600')}
      width=${media.width || undefined} height=${media.height || undefined} alt=""
      onError=${() => setLost(true)} /></a>`;
}

/** @param {{item: any, job: any}} props */
function Details({ item, job }) {
  const posteriors = [...item.posteriors ?? []].sort((a, b) => b.p - a.p).slice(0, 10);
  return html`
    ${item.failure && html`<${Notice} kind="bad"><strong>${t('item.failed')}</strong>
      <p>${item.failure}</p><//>`}
    ${item.media && html`<${Picture} media=${item.media} />`}
    ${item.text !== undefined
      && html`<p class="item-full wrap" dir="auto" tabindex="0">
        ${item.source_line?.source ?? item.text}</p>`}
    <section><h3>${t('item.label')}</h3>
      <div class="row item-now"><${ItemLabel} item=${item} job=${job} />
      ${item.origin && html`<${Badge} kind=${item.origin === 'provisional' ? 'warn' : ''}>
        ${t(`items.origins.${item.origin}`)}<//>`}
      ${item.posterior !== undefined
        && html`<span class="muted">${t('item.posterior', { share: percent(item.posterior, 1) })}
          </span>`}
      ${item.confidence !== undefined
        && html`<span class="muted">${t('item.confidence', { n: number(item.confidence, 2) })}
          </span>`}</div>
      ${item.guess && html`<p class="muted wrap">
        ${t('item.guess', { label: item.guess.label, share: percent(item.guess.p, 1),
          model: item.guess.model })}</p>`}</section>
    ${posteriors.length > 0 && html`<section><h3>${t('item.posteriors')}</h3>
      <${Bars} title=${t('item.posteriors')} format=${(/** @type {number} */ v) => percent(v, 1)}
      desc=${posteriors.map((p) => `${p.label} ${percent(p.p, 1)}`).join(', ')}
      rows=${posteriors.map((p) =>
        ({ label: p.label, parts: [{ tone: item.origin === 'human' ? 'human' : 'machine',
          value: p.p }], note: percent(p.p, 1) }))} /></section>`}
    <section><h3>${t('item.answers',
      { n: item.answers_given.filter((/** @type {any} */ a) => !a.superseded).length })}</h3>
      ${item.answers_given.length ? html`<${Answers} answers=${item.answers_given} job=${job} />`
        : html`<p class="muted">${t('item.noAnswers')}</p>`}</section>
    ${item.skips?.length > 0
      && html`<section><h3>${t('item.skips', { n: item.skips.length })}</h3>
        <ul class="plain stack tight">${item.skips.map((/** @type {any} */ s) => html`
      <li class="wrap"><bdi><b>${s.person?.name ?? s.person}</b>
        </bdi> · ${t(`item.reason_${s.reason}`)}
          ${s.comment && html` · <q dir="auto">${s.comment}</q>`}
        <span class="meta"> ${dateTime(s.created)}</span></li>`)}</ul></section>`}
    ${item.labels_history?.length > 0
      && html`<section><h3>${t('item.history')}</h3>
        <ol class="plain history">${item.labels_history.map((/** @type {any} */ h) => html`
      <li><time class="meta" datetime=${h.created}>${dateTime(h.created)}</time>
        <span class="wrap"><bdi><b>${h.label}</b></bdi> · ${t(`items.origins.${h.origin}`)}
          ${h.posterior !== undefined && ` · ${percent(h.posterior, 1)}`}
            ${h.model && ` · ${h.model}`}</span></li>`)}</ol></section>`}
    <details class="source"><summary>${t('item.source', { line: number(item.line) })}</summary>
      <pre class="mono" tabindex="0">${JSON.stringify(item.source_line ?? {}, null, 2)}</pre>
        </details>`;
}

/** @param {{answers: any[], job: any}} props */
function Answers({ answers, job }) {
  return html`<ul class="plain answers">
    ${answers.map((a) => html`<li key=${a.id} class=${cx('answer', a.superseded && 'superseded')}>
    <span class="answer-who wrap"><bdi><b>${a.person.name}</b></bdi>
      <span class="meta">${a.accuracy === undefined || a.accuracy === null
        ? t('item.accuracyUnknown') : t('item.accuracy', { share: percent(a.accuracy) })}</span>
          </span>
    <span class="answer-what"><${ItemLabel} item=${{ label: a.answer.label, state: 'labelled' }}
      job=${job} />
      ${a.superseded && html`<${Badge}>${t('item.superseded')}<//>`}</span>
    <span class="meta answer-when">${dateTime(a.created)}
      ${a.active_ms !== undefined && ` · ${span(a.active_ms)}`}</span></li>`)}</ul>`;
}

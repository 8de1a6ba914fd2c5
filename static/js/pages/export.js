// @ts-check
// Taking the results out: what to write, the first records, and what was written before.

import * as api from '../core/api.js';
import { bytes, dateTime, number, percent } from '../core/format.js';
import { Button, LinkButton } from '../ui/button.js';
import { CheckField, RadioGroup } from '../ui/field.js';
import { html, useEffect, useState } from '../ui/html.js';
import { Badge, Notice } from '../ui/parts.js';
import { Empty, Failed, Loading, useLoad } from '../ui/state.js';
import { toast, toastError } from '../ui/toast.js';
import { BucketField } from '../lead/bucketfield.js';
import { JobFrame, useJob } from '../lead/frame.js';
import { outputBase } from '../lead/outputline.js';
import { Secret } from '../lead/secret.js';
import { fieldError, uriProblem } from '../lead/uri.js';
import { t } from '../lead/words.js';

const ASK_AGAIN_MS = 1000;
const FORMATS = ['manifest', 'jsonl', 'csv', 'tree'];

/** @param {{params: {id: string}}} props */
export function page({ params }) {
  const past = useLoad(async (signal) =>
    (await api.get(api.url`/jobs/${params.id}/exports`, { signal })).exports, [params.id]);
  const put = (/** @type {any} */ one) => {
    const list = past.data ?? [];
    past.setData(list.some((/** @type {any} */ e) => e.id === one.id)
      ? list.map((/** @type {any} */ e) => (e.id === one.id ? { ...e, ...one } : e))
        : [one, ...list]);
  };
  const use = useJob(params.id, (kind, data) => {
    if (kind !== 'export') return;
    if (data.state === 'done') toast(t(data.to ? 'exportTo.done' : 'export.done'), { kind: 'ok' });
    past.reload();
  });
  // A short export may be done before its own reply is here: as long as one seems to run, ask.
  const running = (past.data ?? []).some((/** @type {any} */ e) => e.state === 'running');
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(past.reload, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [running]);
  return html`<${JobFrame} id=${params.id} tab="export" use=${use}>
    ${(/** @type {any} */ job) => html`<div class="stack wide">
    <${NewExport} job=${job} onmade=${put} />
    <section class="stack" aria-labelledby="past"><h2 id="past">${t('export.past')}</h2>
      ${past.error ? html`<${Failed} error=${past.error} retry=${past.reload} />` : !past.data
        ? html`<${Loading} lines=${2} />`
        : past.data.length ? html`<ul class="plain stack">
          ${past.data.map((/** @type {any} */ e) => html`<${PastExport} key=${e.id} one=${e} />`)}
            </ul>`
        : html`<p class="muted">${t('export.none')}</p>`}</section></div>`}<//>`;
}

/** @param {{job: any, onmade: (one: any) => void}} props */
function NewExport({ job, onmade }) {
  const [format, setFormat] = useState('manifest');
  const [scope, setScope] = useState('all');
  const [provisional, setProvisional] = useState(false);
  const [busy, setBusy] = useState(false);
  const [away, setAway] = useState(false);   // to a bucket
  const [uri, setUri] = useState(outputBase(job) && `${outputBase(job).replace(/\/+$/, '')}/`);
  const [error, setError] = useState(/** @type {any} */ (null));
  const refusal = fieldError(error, 'to');
  const done = job.counts.human + job.counts.machine;
  const make = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (away && (!uri.trim() || uriProblem(uri))) return;
    setBusy(true);
    setError(null);
    try {
      onmade(await api.post(api.url`/jobs/${job.id}/exports`,
        { format, scope, provisional, ...(away ? { to: uri.trim() } : {}) }));
    } catch (/** @type {any} */ problem) {
      setError(problem);
      if (!fieldError(problem, 'to')) toastError(problem);
    }
    setBusy(false);
  };
  const n = (scope === 'all' ? job.counts.total : done
    + (provisional ? job.counts.provisional : 0));
  if (!job.counts.total) return html`<${Empty} title=${t('export.noItems')} />`;
  return html`<form class="card stack wide" onSubmit=${make}><h2>${t('export.new')}</h2>
    <div class="pair"><${RadioGroup} label=${t('export.format')} value=${format}
      onvalue=${setFormat}
        options=${FORMATS.map((f) =>
          ({ value: f, label: t(`export.formats.${f}`), hint: t(`export.formatHint.${f}`) }))} />
      <div class="stack"><${RadioGroup} label=${t('export.scope')} value=${scope}
        onvalue=${setScope}
        options=${[{ value: 'labelled', label: t('export.labelled', { n: done }),
          hint: t('export.labelledHint') },
            { value: 'all', label: t('export.all', { n: job.counts.total }),
              hint: t('export.allHint') }]} />
        ${job.counts.provisional > 0
          && html`<${CheckField} label=${t('export.provisional', { n: job.counts.provisional })}
            hint=${t('export.provisionalHint')} checked=${provisional}
              onvalue=${setProvisional} />`}</div></div>
    ${!done && scope === 'labelled' && html`<${Notice}>${t('export.nothing')}<//>`}
    <${Preview} job=${job} scope=${scope} provisional=${provisional} />
    <${RadioGroup} label=${t('exportTo.where')} look="segments" value=${away ? 'bucket' : 'download'}
      onvalue=${(/** @type {string} */ v) => setAway(v === 'bucket')}
      options=${['download', 'bucket'].map((v) => ({ value: v, label: t(`exportTo.${v}`) }))} />
    ${away && html`<${BucketField} label=${t('exportTo.uri')} 
      hint=${t(format === 'tree' ? 'exportTo.treeHint' : 'exportTo.hint')} value=${uri}
      onvalue=${(/** @type {string} */ v) => { setUri(v); setError(null); }} refusal=${refusal} />`}
    <div class="row"><${Button} type="submit" kind="main" icon=${away ? 'upload' : 'download'}
      busy=${busy} disabled=${!n || (away && !uri.trim())}>
      ${t(away ? 'exportTo.go' : 'export.go', { n })}<//></div></form>`;
}

/** The first three items that would be in the file. @param {{job: any, scope: string, provisional:
 *  boolean}} props */
function Preview({ job, scope, provisional }) {
  const { data, error } = useLoad(async (signal) => {
    const read = async (/** @type {object} */ by) =>
      (await api.get(api.url`/jobs/${job.id}/items` + api.query({ ...by, limit: 3 }),
        { signal })).items;
    if (scope === 'all') return read({});
    const final = await read({ state: 'labelled' });
    return final.length < 3 && provisional
      ? [...final, ...await read({ origin: 'provisional' })].slice(0, 3) : final;
  }, [job.id, scope, provisional]);
  if (error || !data?.length) return null;
  return html`<section class="stack tight">
    <h3 id="export-preview">${t('export.preview', { n: data.length })}</h3>
    <div class="table-box" tabindex="0" role="region" aria-labelledby="export-preview">
      <table class="table">
      <thead><tr><th scope="col" class="num">${t('export.p.line')}</th>
        <th scope="col">${t('export.p.item')}</th><th scope="col">${t('export.p.label')}</th>
        <th scope="col">${t('export.p.origin')}</th>
          <th scope="col" class="num">${t('export.p.confidence')}</th></tr></thead>
      <tbody>${data.map((/** @type {any} */ i) =>
        html`<tr key=${i.id}><td class="num">${number(i.line)}</td>
          <td class="preview-text">
            <span class="item-clip" dir="auto">${i.text ?? i.key ?? i.id}</span></td>
        <td><bdi>${i.label ?? '–'}</bdi></td>
          <td>${i.origin ? t(`items.origins.${i.origin}`) : '–'}</td>
            <td class="num">${i.confidence === undefined ? '–' : percent(i.confidence)}</td></tr>`)}
              </tbody></table></div></section>`;
}

/** @param {{one: any}} props */
function PastExport({ one }) {
  const kind = one.state === 'done' ? 'ok' : one.state === 'failed' ? 'bad' : 'accent';
  return html`<li class="card past-export">
    <div class="grow stack tight"><div class="row"><b>${t(`export.formats.${one.format}`)}</b>
        <${Badge} kind=${kind}>${t(`export.states.${one.state}`)}<//>
          <span class="meta">${dateTime(one.created)}</span></div>
      <p class="muted" role=${one.state === 'running' ? 'status' : undefined}>
        ${one.state === 'done' ? t('export.size', { n: one.lines, size: bytes(one.bytes) })
          : t('export.lines', { n: one.lines ?? 0 })}
        ${one.scope && ` · ${t(`export.scopes.${one.scope}`)}`}${one.model && ` · ${one.model}`}
          ${one.label_set_version && ` · ${t('export.labelSet',
            { n: String(one.label_set_version) })}`}</p>
      ${one.sha256 && html`<p class="meta">SHA-256 <code class="wrap">${one.sha256}</code></p>`}
      ${one.to && html`<${Secret} label=${t('exportTo.place')} value=${one.to} />`}
      ${one.message && (one.state === 'failed' ? html`<p class="bad wrap">${one.message}</p>`
        : html`<${Notice} kind="warn">${one.message}<//>`)}</div>
    ${one.state === 'done' && !one.to && html`<${LinkButton} icon="download"
      href=${one.url ?? api.address(api.url`/exports/${one.id}/download`)} download=${true}>
        ${t('export.download')}<//>`}
    ${one.state === 'running' && html`<i class="spin" aria-hidden="true" />`}</li>`;
}

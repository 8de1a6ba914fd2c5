// @ts-check
// How far the imports of a job are: a bar for each that runs, and what stopped one.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { jobEvents } from '../core/events.js';
import { about, percent } from '../core/format.js';
import { Pace } from '../core/pace.js';
import { html, useEffect, useRef, useState } from '../ui/html.js';
import { Notice, ProgressBar } from '../ui/parts.js';
import { t } from './words.js';

/** @param {any} view an import @param {Pace} pace */
function words(view, pace) {
  const { lines, bytes, bytes_total: all } = view;
  const left = pace.left(bytes, all);
  return [t('imports.lines', { n: lines }), all > 0 && percent(Math.floor((100 * bytes) / all) / 100),
    left !== null && t('imports.left', { time: about(left) }),
    view.failed > 0 && t('imports.bad', { n: view.failed })].filter(Boolean).join(', ');
}

/** @param {{view: any}} props an import that runs */
export function ImportBar({ view }) {
  const pace = useRef(new Pace()).current;
  const text = words(view, pace);
  const uri = isAddress(view.source) ? view.source : '';
  return html`<div class="stack tight importing"><p><b>${t('imports.running')}</b></p>
    ${uri && html`<p class="meta item-clip" dir="ltr" title=${uri}>${t('imported.from', { uri })}</p>`}
    <${ProgressBar} label=${t('imports.running')} value=${view.bytes} max=${view.bytes_total}
      text=${text} />
    <p class="meta">${text}</p>
    ${view.message && html`<${Notice} kind="warn" role="status">
      <strong>${t('imported.waits')}</strong><p class="wrap" dir="auto">${view.message}</p><//>`}</div>`;
}

/** Whether an import reads from a bucket. @param {unknown} source */
const isAddress = (source) => /^(s3|https?):\/\//.test(String(source ?? ''));

/** The imports of a job that run now, kept up to date. @param {{job: any}} props */
export function Importing({ job }) {
  const [views, setViews] = useState(/** @type {any[]} */ ([]));
  const [failed, setFailed] = useState(/** @type {any} */ (null));
  const put = (/** @type {any} */ view) => setViews((/** @type {any[]} */ old) => {
    const others = old.filter((v) => v.id !== view.id);
    return view.state === 'running' ? [...others, view] : others;
  });
  useEffect(() => {
    const gone = new AbortController();
    const read = (/** @type {string} */ id) => api.get(api.url`/jobs/${job.id}/imports/${id}`,
      { signal: gone.signal });
    api.get(api.url`/jobs/${job.id}/imports`, { signal: gone.signal })
      .then((/** @type {any} */ { imports }) => imports.forEach(put)).catch(() => {});
    const deaf = jobEvents(job.id, (kind, view) => {
      if (kind !== 'import') return;
      put(view);
      if (view.state === 'done') announce(t('imports.done', { n: view.added }));
      if (view.state === 'failed') read(view.id).then(setFailed, () => {});
    });
    return () => {
      gone.abort();
      deaf();
    };
  }, [job.id]);
  if (!views.length && !failed) return null;
  return html`<div class="stack gap-below">
    ${views.map((view) => html`<section class="card" key=${view.id}>
      <${ImportBar} view=${view} /></section>`)}
    ${failed && html`<${Notice} kind="bad" role="alert">
      <strong>${t('imports.failed', { n: failed.lines })}</strong>
      <p>${failed.message}</p><//>`}</div>`;
}

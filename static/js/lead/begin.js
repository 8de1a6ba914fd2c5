// @ts-check
// The overview of a job that has not been started: what there is, and what to do next; or, while it is
// prepared from its bucket, how that stands.

import * as api from '../core/api.js';
import { html, useEffect } from '../ui/html.js';
import { Notice, Stat } from '../ui/parts.js';
import { LinkButton } from '../ui/button.js';
import { number } from '../core/format.js';
import { AddItems } from './additems.js';
import { t } from './words.js';

const LOOK_MS = 3000;

/** @param {{job: any, setJob: (job: any) => void}} props */
export function Preparing({ job, setJob }) {
  useEffect(() => {
    const gone = new AbortController();
    const timer = setInterval(() => {
      if (document.hidden) return;
      api.get(api.url`/jobs/${job.id}`, { signal: gone.signal })
        .then((now) => { if (!gone.signal.aborted) setJob(now); }, () => {});
    }, LOOK_MS);
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [job.id]);
  return html`<div class="stack wide" role="status">
    <${Notice} kind=${job.problem ? 'warn' : undefined}><p>${t('begin.preparing')}</p>
      ${job.problem && html`<p>${t('begin.waits')}</p><p class="wrap" dir="auto">${job.problem}</p>`}
    <//></div>`;
}

/** @param {{job: any}} props */
export function FirstSteps({ job }) {
  const c = job.counts;
  return html`<div class="stack wide">
    <${Notice}>${c.total ? t('begin.ready') : t('begin.noItems')}<//>
    <div class="stats"><${Stat} value=${number(c.total)} label=${t('dash.items')} />
      <${Stat} value=${number(job.labels.filter((/** @type {any} */ l) => !l.hidden).length)}
        label=${t('dash.labels')} />
      ${c.failed > 0 && html`<${Stat} value=${number(c.failed)} label=${t('dash.failed')} />`}</div>
    <section class="card stack"><h2>${t('begin.add')}</h2><${AddItems} job=${job} /></section>
    <div class="row"><${LinkButton} href=${`/jobs/${encodeURIComponent(job.id)}/settings`}
      icon="settings">${t('begin.settings')}<//></div></div>`;
}

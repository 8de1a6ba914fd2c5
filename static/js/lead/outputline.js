// @ts-check
// Where the results of a job are written as it goes, how far that is, and what stands in the way.

import * as api from '../core/api.js';
import { ago, dateTime } from '../core/format.js';
import { html, useEffect } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { Secret } from './secret.js';
import { t } from './words.js';

const LOOK_MS = 5000;

/** @typedef {{uri: string, state: 'none'|'writing'|'waiting'|'done', problem?: string, since?:
 *  string, manifest?: string, written_at?: string}} Output */

/** The job's output when it has one. @param {any} job @returns {Output | null} */
export const outputOf = (job) => (job.output?.uri ? job.output : null);

/** The address it was given: results go into a folder there that has the job's name. '' when there is
 *  none. @param {any} job */
export function outputBase(job) {
  const uri = outputOf(job)?.uri ?? '';
  const own = `/${job.name}`;
  return uri.endsWith(own) ? uri.slice(0, -own.length) : uri;
}

/** @param {{job: any, setJob: (job: any) => void}} props */
export function OutputLine({ job, setJob }) {
  const output = outputOf(job);
  const never = Boolean(output && output.state === 'none' && job.state === 'failed');
  const watched = Boolean(output && output.state !== 'done' && !never
    && job.state !== 'initializing');
  useEffect(() => {
    if (!watched) return undefined;
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
  }, [watched, job.id]);
  if (!output) return null;
  const words = html`<p>${t(`bucket.state.${never ? 'never' : output.state}`)}${output.written_at
    && html` <span class="meta">${t('bucket.writtenAt', { ago: ago(output.written_at) })}</span>`}</p>`;
  return html`<section class="card stack gap-below" aria-labelledby="job-output">
    <h2 id="job-output">${t('bucket.title')}</h2>
    <${Secret} label=${t('bucket.folder')} value=${output.uri} />
    <div role="status">${output.problem ? html`<${Notice} kind="warn">
      ${words}<p class="wrap" dir="auto">${output.problem}</p>
      ${output.since && html`<p class="meta">${t('bucket.since',
        { when: dateTime(output.since), ago: ago(output.since) })}</p>`}<//>` : words}</div>
    ${output.manifest && !never && html`<${Secret} label=${t('bucket.manifest')} value=${output.manifest} />`}
    </section>`;
}

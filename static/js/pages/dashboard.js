// @ts-check
// A job at a glance. The numbers come from one request; the server's events move the counts at once
// and have the rest read anew, at most every few seconds.

import * as api from '../core/api.js';
import { html, useEffect, useRef } from '../ui/html.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { announce } from '../core/announce.js';
import { JobFrame, useJob } from '../lead/frame.js';
import { Agreement, Annotators, Confusion, Labels, Progress, Throughput } from '../lead/tiles.js';
import { AutoLabel, Rounds } from '../lead/rounds.js';
import { FirstSteps, Preparing } from '../lead/begin.js';
import { OutputLine } from '../lead/outputline.js';
import { t } from '../lead/words.js';

const CALM = 4000;   // ms between two readings of the whole

/** @param {{params: {id: string}}} props */
export function page({ params }) {
  const late = useRef(/** @type {any} */ (null));
  const last = useRef(0);
  const load = useLoad((signal) => api.get(api.url`/jobs/${params.id}/dashboard`, { signal }),
    [params.id]);
  const use = useJob(params.id, (kind, data) => {
    if (kind === 'round') announce(data.sentence ?? t('dash.round', { n: data.round }));
    if (kind === 'export') return;
    const wait = kind === 'round' ? 0 : Math.max(0, last.current + CALM - Date.now());
    late.current ??= setTimeout(() => {
      late.current = null;
      last.current = Date.now();
      if (!document.hidden) load.reload();
    }, wait);
  });
  useEffect(() => {
    const seen = () => { if (!document.hidden) load.reload(); };
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(late.current);
    };
  }, []);

  return html`<${JobFrame} id=${params.id} tab="overview" use=${use}>${(/** @type {any} */ job) => {
    const output = html`<${OutputLine} job=${job} setJob=${use.setJob} />`;
    if (job.state === 'initializing' && job.preparing) {
      return html`${output}<${Preparing} job=${job} setJob=${use.setJob} />`;
    }
    if (job.state === 'initializing') return html`${output}<${FirstSteps} job=${job} />`;
    const data = load.data && { ...load.data, counts: job.counts };
    return html`${output}${load.error
      && html`<div class="gap-below"><${Failed} error=${load.error} retry=${load.reload} /></div>`}
      ${!data ? (load.error ? null : html`<${Loading} lines=${5} />`) : html`<div class="tiles">
        <${Progress} job=${job} data=${data} />
        <${Throughput} job=${job} data=${data} />
        <${Annotators} job=${job} data=${data} />
        <${Labels} job=${job} data=${data} />
        <${Confusion} job=${job} data=${data} />
        <${Agreement} job=${job} data=${data} />
        <${AutoLabel} job=${job} data=${data} />
        <${Rounds} job=${job} data=${data} /></div>`}`;
  }}<//>`;
}

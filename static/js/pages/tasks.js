// @ts-check
// The annotator's start: what to go on with, the jobs, the last answers.

import * as api from '../core/api.js';
import { ago } from '../core/format.js';
import { t } from '../core/i18n.js';
import { navigate } from '../core/router.js';
import { waiting, waitingKey } from '../core/store.js';
import { Button, LinkButton } from '../ui/button.js';
import { Icon, html, useEffect, useState } from '../ui/html.js';
import { Badge, StateBadge } from '../ui/parts.js';
import { Empty, Failed, Loading, Page, useLoad } from '../ui/state.js';
import { toast } from '../ui/toast.js';

const POLL = 20000;   // ms between looks for new work

/** @param {{job: import('../types.js').JobCard, first: boolean}} props */
function JobCard({ job, first }) {
  const open = job.state === 'in_progress';
  const work = open && (job.available > 0 || job.held > 0);
  const href = api.url`/label/${job.name}`;
  return html`<li class="card job-card">
    <div class="row nowrap top"><${Icon} name=${job.type.startsWith('image') ? 'image' : 'text'} />
      <h3 class="grow wrap"><bdi>${job.title || job.name}</bdi></h3>
      ${!open && html`<${StateBadge} state=${job.state} />`}</div>
    <p class="meta">${t(`job.type.${job.type}`)} · ${t('tasks.labels', { n: job.labels_count })}</p>
    <dl class="job-figures">
      <div><dt>${t('tasks.available')}</dt><dd>${t('tasks.n', { n: job.available })}</dd></div>
      <div><dt>${t('tasks.mine')}</dt><dd>${t('tasks.n', { n: job.mine_done })}</dd></div></dl>
    ${work ? html`<${LinkButton} href=${href} kind=${first ? 'main' : ''} icon="play"
      aria-label=${t(job.held ? 'tasks.resumeJob' : 'tasks.startJob', { job: job.title || job.name })}>
        ${job.held ? t('tasks.resume') : t('tasks.start')}<//>`
      : html`<p class="muted">${t(open ? 'tasks.nothing' : `tasks.state.${job.state}`)}</p>`}
  </li>`;
}

/** @param {{recent: import('../types.js').Recent, jobs: import('../types.js').JobCard[]}} props */
function RecentRow({ recent, jobs }) {
  const [busy, setBusy] = useState(false);
  const job = jobs.find((j) => j.id === recent.job);
  const takeBack = async () => {
    setBusy(true);
    try {
      const { task } = await api.del(api.url`/answers/${recent.id}`);
      navigate(api.url`/label/${job?.name ?? recent.job}/${task.item}`);
    } catch (/** @type {any} */ error) {
      setBusy(false);
      toast(error.code === 'answer.settled' ? t('label.settled') : error.message, { kind: 'warn' });
    }
  };
  return html`<li class="recent">
    ${recent.preview ? html`<img class="recent-image" src=${recent.preview} alt="" loading="lazy" />`
      : html`<${Icon} name="text" />`}
    <span class="grow"><span class="recent-text clip" dir="auto">${recent.text ?? t('label.imageTask')}</span>
      <span class="meta"><bdi>${job?.title ?? job?.name ?? ''}</bdi> · ${ago(recent.created)}</span></span>
    <${Badge}><bdi class="clip">${recent.label}</bdi><//>
    ${recent.undoable && html`<${Button} kind="quiet" icon="undo" busy=${busy} onclick=${takeBack}
      aria-label=${t('tasks.takeBackOf', { label: recent.label })}>${t('label.takeBack')}<//>`}</li>`;
}

/** The task that was left open. @param {{job: import('../types.js').JobCard}} props */
function Resume({ job }) {
  return html`<section class="card resume" aria-label=${t('tasks.resumeTitle')}>
    <${Icon} name="play" /><div class="grow"><h2><bdi>${job.title || job.name}</bdi></h2>
    <p class="muted">${t('tasks.held', { n: job.held })}</p></div>
    <${LinkButton} kind="main" big href=${api.url`/label/${job.name}`} data-first>${t('tasks.resume')}<//></section>`;
}

export function page() {
  const { data, error, reload } = useLoad((signal) => api.get('/tasks', { signal }), []);
  useEffect(() => {
    const look = () => { if (!document.hidden) reload(); };
    const timer = setInterval(look, POLL);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  // The labelling screen is one click away: its code comes while the cards are read.
  useEffect(() => {
    const timer = setTimeout(() => import('../label/screen.js').catch(() => {}), 400);
    return () => clearTimeout(timer);
  }, []);
  // Answers that were on their way when the page opened change the figures once they are there.
  const left = waiting.value;
  useEffect(() => { if (left === 0 && data) reload(); }, [left]);
  const jobs = data?.jobs ?? [];
  const held = jobs.find((/** @type {any} */ j) => j.held > 0 && j.state === 'in_progress');
  const rest = jobs.filter((/** @type {any} */ j) => j !== held);
  const lead = data && t('tasks.today', { n: data.today });
  return html`<${Page} title=${t('tasks.title')} lead=${lead}>
    <div class="stack wide">
      ${left > 0 && html`<p class="notice"><${Icon} name="clock" />${t(waitingKey(), { n: left })}</p>`}
      ${error && html`<${Failed} error=${error} retry=${reload} />`}
      ${!data && !error && html`<${Loading} />`}
      ${held && html`<${Resume} job=${held} />`}
      ${data && !jobs.length && html`<${Empty} title=${t('tasks.empty')}>${t('tasks.emptyText')}<//>`}
      ${rest.length > 0 && html`<section class="stack" aria-label=${t('tasks.jobs')}><h2>${t('tasks.jobs')}</h2>
        <ul class="cards">${rest.map((/** @type {any} */ job, /** @type {number} */ i) => html`<${JobCard} key=${job.id}
          job=${job} first=${!held && i === 0} />`)}</ul></section>`}
      ${data?.recent.length > 0 && html`<section class="stack" aria-label=${t('tasks.recent')}><h2>${t('tasks.recent')}</h2>
        <ul class="plain card recents">${data.recent.slice(0, 20).map((/** @type {any} */ r) => html`<${RecentRow}
          key=${r.id} recent=${r} jobs=${jobs} />`)}</ul></section>`}
    </div><//>`;
}

// @ts-check
// What all pages of one job share: the job itself, kept up to date by the server's events, and the
// frame with its state, its commands and its tabs.

import { hasRole } from '../core/session.js';
import * as api from '../core/api.js';
import { jobEvents } from '../core/events.js';
import { navigate } from '../core/router.js';
import { Button } from '../ui/button.js';
import { confirm, Dialog } from '../ui/dialog.js';
import { FormError, TextField } from '../ui/field.js';
import { html, useCallback, useEffect, useRef, useState } from '../ui/html.js';
import { Menu } from '../ui/menu.js';
import { Notice, StateBadge } from '../ui/parts.js';
import { Failed, Loading, Page, useLoad } from '../ui/state.js';
import { LinkTabs } from '../ui/tabs.js';
import { toast, toastError } from '../ui/toast.js';
import { CloneDialog } from './clone.js';
import { Importing } from './importing.js';
import { t } from './words.js';

/**
 * A job and what the server says about it while it is on the screen.
 * @param {string} id @param {(kind: string, data: any) => void} [onevent]
 */
export function useJob(id, onevent) {
  const { data: job, error, loading, reload, setData } = useLoad(
    (signal) => api.get(api.url`/jobs/${id}`, { signal }), [id]);
  const now = useRef(job);
  now.current = job;
  const told = useRef(onevent);
  told.current = onevent;
  const real = job?.id;
  useEffect(() => {
    if (!real) return undefined;
    return jobEvents(real, (kind, data) => {
      if (kind === 'counts' && now.current) {
        const { state } = now.current;
        if (now.current.preparing && (data.state ?? state) !== state) reload();
        setData({ ...now.current, counts: data.counts ?? now.current.counts, state: data.state
          ?? now.current.state });
      }
      told.current?.(kind, data);
    });
  }, [real]);
  return { job, error, loading, reload, setJob: setData };
}

/** The name people know a job by. @param {{title?: string, name: string}} job */
export const jobTitle = (job) => job.title || job.name;

/**
 * @param {{id: string, tab: 'overview'|'items'|'export'|'settings', use: ReturnType<typeof useJob>,
 *  width?: ''|'wide'|'narrow', children: (job: any) => any}} props
 */
export function JobFrame({ id, tab, use, width = '', children }) {
  const { job, error, reload } = use;
  const crumbs = [{ href: '/jobs', label: t('jobs.title') }];
  if (!job) {
    return html`<${Page} title=${t(`frame.${tab}`)} crumbs=${crumbs} width=${width}>
      ${error ? html`<${Failed} error=${error} retry=${reload} />`
        : html`<${Loading} lines=${4} />`}<//>`;
  }
  const base = `/jobs/${encodeURIComponent(id)}`;
  const lead = hasRole('lead');
  const tabs = [lead && { href: base, label: t('frame.overview') },
    { href: `${base}/items`, label: t('frame.items') },
    lead && { href: `${base}/export`, label: t('frame.export') },
    lead && { href: `${base}/settings`, label: t('frame.settings') }].filter((one) => !!one);
  const about = html`<span class="row tight job-about"><${StateBadge} state=${job.state}
    preparing=${job.preparing} />
    <span>${t('frame.about', { type: t(`job.type.${job.type}`), name: job.name,
      n: job.counts.total })}</span></span>`;
  return html`<${Page} title=${jobTitle(job)} crumbs=${crumbs} width=${width} lead=${about}
    actions=${lead && html`<${Commands} job=${job} use=${use} />`}>
    <${LinkTabs} label=${t('frame.tabs')} tabs=${tabs} />
    ${job.failure && html`<div class="gap-below">
      <${Notice} kind="bad" role="alert"><strong>${t('frame.failure')}</strong>
      <p>${job.failure}</p><//></div>`}
    ${lead && html`<${Importing} job=${job} />`}
    ${children(job)}<//>`;
}

/** Which commands a state allows. @param {string} state @param {boolean} [preparing] */
export function allowed(state, preparing) {
  return { start: state === 'initializing' && !preparing, pause: state === 'in_progress',
    resume: state === 'paused',
    stop: state === 'in_progress' || state === 'paused' };
}

/** Runs start, pause, resume or stop. @param {any} job @param {string} command @param {(job: any)
 *  => void} done */
export async function command(job, command, done) {
  if (command === 'stop') {
    const sure = await confirm({ title: t('frame.stopTitle', { title: jobTitle(job) }),
      text: t('frame.stopText'), ok: t('frame.stop'), danger: true });
    if (!sure) return;
  }
  try {
    done(await api.post(api.url`/jobs/${job.id}/${command}`));
    toast(t(`frame.did.${command}`), { kind: 'ok' });
  } catch (error) {
    toastError(error);
  }
}

/** @param {{job: any, use: ReturnType<typeof useJob>}} props */
function Commands({ job, use }) {
  const [busy, setBusy] = useState('');
  const [ending, setEnding] = useState(false);
  const [copying, setCopying] = useState('');   // clone | chain
  const can = allowed(job.state, job.preparing);
  const run = useCallback(async (/** @type {string} */ what) => {
    setBusy(what);
    await command(job, what, (after) => use.setJob({ ...job, ...after }));
    setBusy('');
  }, [job]);
  return html`${can.start && html`<${Button} kind="main" icon="play" busy=${busy === 'start'}
    disabled=${!job.counts.total}
      onclick=${() => run('start')}>${t('frame.start')}<//>`}
    ${can.pause && html`<${Button} icon="pause" busy=${busy === 'pause'}
      onclick=${() => run('pause')}>${t('frame.pause')}<//>`}
    ${can.resume && html`<${Button} kind="main" icon="play" busy=${busy === 'resume'}
      onclick=${() => run('resume')}>${t('frame.resume')}<//>`}
    <${Menu} label=${t('frame.more')} items=${[
      { label: t('frame.reload'), icon: 'retry', run: use.reload }, null,
      { label: t('clone.clone'), icon: 'copy', run: () => setCopying('clone') },
      { label: t('clone.chain'), icon: 'link', run: () => setCopying('chain') }, null,
      { label: t('frame.stopDots'), icon: 'stop', disabled: !can.stop, run: () => run('stop') },
      { label: t('frame.deleteDots'), icon: 'trash', danger: true, run: () => setEnding(true) }]} />
    ${copying && html`<${CloneDialog} job=${job} chain=${copying === 'chain'}
      onclose=${() => setCopying('')} />`}
    ${ending && html`<${DeleteDialog} job=${job} onclose=${() => setEnding(false)} />`}`;
}

/** Deleting cannot be taken back: the name has to be typed. @param {{job: any, onclose: () =>
 *  void}} props */
export function DeleteDialog({ job, onclose }) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const right = typed.trim() === job.name;
  const remove = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (!right || busy) return;
    setBusy(true);
    try {
      await api.del(api.url`/jobs/${job.id}` + api.query({ confirm: job.name }));
      toast(t('frame.deleted', { title: jobTitle(job) }));
      navigate('/jobs');
    } catch (e2) {
      setError(e2);
      setBusy(false);
    }
  };
  const actions = html`<${Button} onclick=${onclose}>${t('frame.cancel')}<//>
    <${Button} kind="danger" busy=${busy} disabled=${!right} onclick=${remove}>
      ${t('frame.delete')}<//>`;
  return html`<${Dialog} title=${t('frame.deleteTitle')} look="slim" onclose=${onclose}
    actions=${actions}>
    <form class="stack" onSubmit=${remove}>
      <p class="wrap">${t('frame.deleteText',
        { title: jobTitle(job), n: job.counts.total, answers: job.counts.answers })}</p>
      <${FormError} error=${error} />
      <${TextField} label=${t('frame.deleteType', { name: job.name })} value=${typed}
        onvalue=${setTyped}
        autocomplete="off" spellcheck=${false} /></form><//>`;
}

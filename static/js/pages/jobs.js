// @ts-check
// All jobs: how far each is and what state it is in; the first run says how to begin.

import { hasRole } from '../core/session.js';
import * as api from '../core/api.js';
import { ago, date, number, percent } from '../core/format.js';
import { setQuery } from '../core/router.js';
import { LinkButton, Button } from '../ui/button.js';
import { SelectField, TextField } from '../ui/field.js';
import { Icon, html, useEffect, useState } from '../ui/html.js';
import { Bar, StateBadge } from '../ui/parts.js';
import { Empty, Failed, Loading, Page, useLoad } from '../ui/state.js';
import { Table } from '../ui/table.js';
import { jobTitle } from '../lead/frame.js';
import { TYPES } from '../lead/draft.js';
import { t } from '../lead/words.js';

const STATES = ['initializing', 'in_progress', 'paused', 'completed', 'failed', 'stopping',
  'stopped'];
const PAGE = 100;

/** @param {any} _props */
export function page(_props) {
  const first = new URLSearchParams(location.search);
  const [filter, setFilter] = useState({ q: first.get('q') ?? '', state: first.get('state') ?? '',
    type: first.get('type') ?? '' });
  const [asked, setAsked] = useState(filter);
  const [more, setMore] = useState({ rows: /** @type {any[]} */ ([]), next: '', busy: false });
  useEffect(() => {   // not a request for every letter
    const timer = setTimeout(() => setAsked(filter), filter.q === asked.q ? 0 : 250);
    return () => clearTimeout(timer);
  }, [filter]);
  const { data, error, loading, reload } = useLoad(async (signal) => {
    setQuery(asked);
    const got = await api.get(`/jobs${api.query({ ...asked, limit: PAGE })}`, { signal });
    setMore({ rows: [], next: got.next ?? '', busy: false });
    return got;
  }, [asked.q, asked.state, asked.type]);
  const filtered = Boolean(asked.q || asked.state || asked.type);
  const jobs = data ? [...data.jobs, ...more.rows] : [];
  const readMore = async () => {
    setMore({ ...more, busy: true });
    const got = await api.get(`/jobs${api.query({ ...asked, limit: PAGE,
      after: more.next })}`).catch(() => null);
    setMore(got ? { rows: [...more.rows, ...got.jobs], next: got.next ?? '', busy: false }
      : { ...more, busy: false });
  };
  const change = (/** @type {object} */ some) => setFilter({ ...filter, ...some });
  const fresh = data && !filtered && !jobs.length;

  return html`<${Page} title=${t('jobs.title')} actions=${!fresh
    && hasRole('lead')
    && html`<${LinkButton} kind="main" icon="plus" href="/jobs/new/data">${t('jobs.new')}<//>`}>
    ${error && html`<${Failed} error=${error} retry=${reload} />`}
    ${fresh ? html`<${FirstRun} />` : html`
      <form class="filters" role="search" aria-label=${t('jobs.filter')}
        onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
        <div class="filter-text"><${TextField} label=${t('jobs.find')} type="search" small
          value=${filter.q} onvalue=${(/** @type {string} */ q) => change({ q })} /></div>
        <${SelectField} label=${t('jobs.state')} small value=${filter.state}
          onvalue=${(/** @type {string} */ state) => change({ state })}
          options=${[{ value: '', label: t('jobs.all') },
            ...STATES.map((s) => ({ value: s, label: t(`job.state.${s}`) }))]} />
        <${SelectField} label=${t('jobs.type')} small value=${filter.type}
          onvalue=${(/** @type {string} */ type) => change({ type })}
          options=${[{ value: '', label: t('jobs.all') },
            ...TYPES.map((s) => ({ value: s, label: t(`job.type.${s}`) }))]} /></form>
      ${!data && loading ? html`<${Loading} lines=${5} />` : null}
      ${data && (jobs.length ? html`<${JobTable} jobs=${jobs} />`
        : html`<${Empty} icon="search" title=${t('jobs.none')}
        actions=${html`<${Button} onclick=${() => change({ q: '', state: '', type: '' })}>
          ${t('items.clear')}<//>`} />`)}
      ${more.next && html`<div class="row gap-above">
        <${Button} busy=${more.busy} onclick=${readMore}>${t('jobs.more')}<//></div>`}`}<//>`;
}

/** @param {{jobs: any[]}} props */
function JobTable({ jobs }) {
  const agreement = jobs.some((j) => j.agreement?.alpha !== undefined);
  const columns = [
    { id: 'title', label: t('jobs.name'), head: true, by: jobTitle, class: 'job-cell',
      cell: (/** @type {any} */ j) =>
        html`<a class="job-link wrap" dir="auto" href=${`/jobs/${encodeURIComponent(j.id)}${hasRole('lead') ? '' : '/items'}`}>
          ${jobTitle(j)}</a>
        <span class="meta job-name">${j.name}</span>
          <span class="narrow-only"><${StateBadge} state=${j.state} preparing=${j.preparing} /></span>` },
    { id: 'type', label: t('jobs.type'), by: (/** @type {any} */ j) => t(`job.type.${j.type}`),
      class: 'wide-only',
      cell: (/** @type {any} */ j) => t(`job.type.${j.type}`) },
    { id: 'state', label: t('jobs.state'), class: 'mid-only', by: (/** @type {any} */ j) =>
      t(`job.state.${j.state}`),
      cell: (/** @type {any} */ j) => html`<${StateBadge} state=${j.state} preparing=${j.preparing} />` },
    { id: 'progress', label: t('jobs.progress'), by: share, class: 'progress-cell',
      cell: (/** @type {any} */ j) => html`<${Progress} job=${j} />` },
    ...(agreement ? [{ id: 'agreement', label: t('jobs.agreement'), num: true, class: 'wide-only',
      by: (/** @type {any} */ j) => j.agreement?.alpha,
      cell: (/** @type {any} */ j) => (j.agreement?.alpha === undefined ? '–'
        : number(j.agreement.alpha, 2)) }] : []),
    { id: 'created', label: t('jobs.created'), by: (/** @type {any} */ j) => j.created,
      class: 'wide-only',
      cell: (/** @type {any} */ j) =>
        html`<time class="nowrap" datetime=${j.created} title=${date(j.created)}>
          ${ago(j.created)}</time>` },
  ];
  return html`<${Table} caption=${t('jobs.title')} columns=${columns} rows=${jobs} />`;
}

/** @param {any} job */
function share({ counts: c }) { return c.total ? (c.human + c.machine + c.failed) / c.total : 0; }

/** @param {{job: any}} props */
function Progress({ job }) {
  const c = job.counts;
  const words = t('jobs.progressWords', { human: c.human, machine: c.machine, left: c.unlabelled });
  if (!c.total) return html`<span class="muted">${t('jobs.noItems')}</span>`;
  return html`<div class="job-progress"><${Bar} label=${words} total=${c.total} parts=${[
      { value: c.human }, { value: c.machine, kind: 'second' },
        { value: c.failed, kind: 'bad' }]} />
    <b>${percent(Math.floor(share(job) * 100) / 100)}</b><span class="meta">${words}</span></div>`;
}

function FirstRun() {
  const step = (/** @type {number} */ n) =>
    html`<li class="card first-step"><span class="first-number" aria-hidden="true">${n}</span>
    <div><h3>${t(`jobs.first.${n}`)}</h3><p class="muted">${t(`jobs.first.${n}text`)}</p></div>
      </li>`;
  return html`<section class="stack wide first-run" aria-labelledby="first-run">
    <div><h2 id="first-run">${t('jobs.first.title')}</h2>
      <p class="muted">${t('jobs.first.lead')}</p></div>
    <ol class="plain first-steps">${[1, 2, 3].map(step)}</ol>
    <div class="row"><${LinkButton} kind="main" big icon="plus" href="/jobs/new/data">
      ${t('jobs.first.go')}<//></div>
    <p class="notice"><${Icon} name="info" />
      <span class="grow">${t('jobs.first.sample')} <code>make run</code> ${t('jobs.first.sample2')}
        </span></p></section>`;
}

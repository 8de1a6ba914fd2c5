// @ts-check
// What a lead may change of a job while it runs. Each group is saved by itself.

import { number, percent } from '../core/format.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { AddItems } from '../lead/additems.js';
import { BucketField } from '../lead/bucketfield.js';
import { Crew } from '../lead/crew.js';
import { autoLabelRequest, availabilitySeconds, DESCRIPTION_MOST, draftProblems, emptyDraft,
  limitsRequest } from '../lead/draft.js';
import { allowed, command, DeleteDialog, JobFrame, useJob } from '../lead/frame.js';
import { DescriptionField, GuideEditor } from '../lead/guideedit.js';
import { labelProblems, labelsToSend } from '../lead/labels.js';
import { LabelTable } from '../lead/labeltable.js';
import { outputBase, outputOf } from '../lead/outputline.js';
import { QualityFields } from '../lead/quality.js';
import { Secret } from '../lead/secret.js';
import { Section } from '../lead/section.js';
import { fieldError, uriProblem } from '../lead/uri.js';
import { t } from '../lead/words.js';

const QUALITY = ['annotators', 'target', 'maxhuman', 'maxshare', 'lease', 'open', 'availability'];

/** The job's settings in the wizard's terms. @param {any} job */
function quality(job) {
  const auto = job.auto_label ?? {};
  return { annotators: job.annotators_per_item, consolidation: job.consolidation,
    autoAdvance: job.auto_advance,
    autoLabel: Boolean(auto.enabled), target: Math.round((auto.target ?? 0.95) * 1000) / 10,
      maxHuman: auto.max_human_items || null,
    maxShare: auto.max_share_percent || null, lease: job.lease_seconds / 60, open: job.open_items,
    availability: job.availability_seconds
      ? Math.round((job.availability_seconds / 3600) * 10000) / 10000 : null };
}

/** @param {any} value codes of what is wrong with it */
const problemsOf = (value) => draftProblems({ ...emptyDraft(), ...value }).map((p) =>
  p.code).filter((c) => QUALITY.includes(c));
/** @param {any} all @param {string[]} keys */
const pick = (all, keys) => Object.fromEntries(keys.map((k) => [k, all[k]]));

/** @param {{params: {id: string}}} props */
export function page({ params }) {
  const use = useJob(params.id);
  return html`<${JobFrame} id=${params.id} tab="settings" use=${use}>
    ${(/** @type {any} */ job) => html`<${Sections} job=${job} use=${use} />`}<//>`;
}

/** @param {{job: any, use: ReturnType<typeof useJob>}} props */
function Sections({ job, use }) {
  const shared = { job, setJob: (/** @type {any} */ after) => use.setJob({ ...job, ...after }) };
  const parts = /** @type {const} */ ([['answers', ['annotators', 'consolidation'],
    (/** @type {any} */ v) =>
      ({ annotators_per_item: v.annotators, consolidation: v.consolidation })],
    ['auto', ['autoLabel', 'target'], (/** @type {any} */ v) =>
      ({ auto_label: autoLabelRequest(v) })],
    ['limits', ['autoAdvance', 'lease', 'open', 'availability'], (/** @type {any} */ v) =>
      ({ auto_advance: v.autoAdvance, lease_seconds: Math.round(v.lease * 60),
        open_items: v.open, availability_seconds: availabilitySeconds(v.availability) })],
    ['stop', ['maxHuman', 'maxShare'], (/** @type {any} */ v) =>
      ({ auto_label: limitsRequest(v) })]]);
  return html`<div class="settings-page"><nav class="settings-nav" aria-label=${t('jobset.parts')}>
      ${['name', 'labels', 'guide', 'people', 'answers', 'auto', 'limits', 'stop',
        'results', 'data', 'end'].map((one) => html`<a href=${`#${one}`}>${t(`jobset.${one}`)}</a>`)}</nav>
    <div class="stack wide">
    <${Section} name="name" ...${shared} title=${t('jobset.name')}
      read=${(/** @type {any} */ j) => ({ title: j.title ?? '' })}
        write=${(/** @type {any} */ v) => ({ title: v.title.trim() })}
      words=${(/** @type {any} */ v) => v.title}
        problem=${(/** @type {any} */ v) => [...v.title].length > 200}>
      ${(/** @type {any} */ v, /** @type {any} */ change) =>
        html`<${TextField} label=${t('wizard.name')}
          hint=${t('jobset.nameHint', { name: job.name, attribute: job.label_attribute })}
            value=${v.title} dir="auto" maxlength="200"
        onvalue=${(/** @type {string} */ title) => change({ title })} />`}<//>
    <${Section} name="labels" ...${shared} title=${t('jobset.labels')}
      hint=${t('jobset.labelsHint', { n: String(job.label_set_version) })}
        read=${(/** @type {any} */ j) => ({ labels: j.labels })}
      write=${(/** @type {any} */ v) => ({ labels: labelsToSend(v.labels) })}
        problem=${(/** @type {any} */ v) => labelProblems(v.labels).length > 0}
      words=${(/** @type {any} */ v) =>
        v.labels.map((/** @type {any} */ l) => (l.hidden ? `(${l.name})` : l.name)).join(', ')}>
      ${(/** @type {any} */ v, /** @type {any} */ change) =>
        html`<${LabelTable} live labels=${v.labels}
          onlabels=${(/** @type {any} */ labels) => change({ labels })} />`}<//>
    <${Section} name="guide" ...${shared} title=${t('jobset.guide')}
      hint=${t('jobset.guideHint', { n: String(job.instructions_version ?? 1) })}
        read=${(/** @type {any} */ j) =>
          ({ description: j.description ?? '', instructions: j.instructions ?? '' })}
      problem=${(/** @type {any} */ v) => [...v.description].length > DESCRIPTION_MOST}
      write=${(/** @type {any} */ v) => v} words=${(/** @type {any} */ v) =>
        [v.description, v.instructions].filter(Boolean).join('\n\n')}>
      ${(/** @type {any} */ v, /** @type {any} */ change) =>
        html`<${DescriptionField} value=${v.description}
          onvalue=${(/** @type {string} */ description) => change({ description })} />
        <${GuideEditor} text=${v.instructions}
          ontext=${(/** @type {string} */ instructions) => change({ instructions })} />`}<//>
    <${Section} name="people" ...${shared} title=${t('jobset.people')}
      read=${(/** @type {any} */ j) =>
        ({ everybody: !j.people?.length && !j.teams?.length, people: j.people ?? [], teams: j.teams
          ?? [] })}
      write=${(/** @type {any} */ v) => (v.everybody ? { people: [], teams: [] }
        : { people: v.people, teams: v.teams })}
          problem=${(/** @type {any} */ v) => !v.everybody && !v.people.length && !v.teams.length}
      words=${(/** @type {any} */ v) =>
        (v.everybody ? t('crew.all') : [...v.teams, ...v.people].join(', '))}>
      ${(/** @type {any} */ v, /** @type {any} */ change) =>
        html`<${Crew} ...${v} onchange=${change} />`}<//>
    ${parts.map(([part, keys, write]) =>
      html`<${Section} key=${part} name=${part} ...${shared} title=${t(`jobset.${part}`)}
        read=${(/** @type {any} */ j) => pick(quality(j), [...keys])} write=${write}
      problem=${(/** @type {any} */ v) => problemsOf(v).length > 0}
        words=${(/** @type {any} */ v) => inWords(v)}>
      ${(/** @type {any} */ v, /** @type {any} */ change) =>
        html`<${QualityFields} part=${part} value=${{ ...quality(job), ...v }} onchange=${change}
          problems=${problemsOf(v)} />`}<//>`)}
    <${Results} ...${shared} />
    <section class="card stack" id="data" aria-labelledby="more-data">
      <h2 id="more-data">${t('jobset.data')}</h2><${AddItems} job=${job} ondone=${use.reload} />
        </section>
    <${End} job=${job} use=${use} /></div></div>`;
}

/** Where results are also written: to be changed before the start, to be read after it.
 *  @param {{job: any, setJob: (job: any) => void}} props */
function Results({ job, setJob }) {
  if (job.state !== 'initializing') {
    const output = outputOf(job);
    return html`<section class="card stack" id="results" aria-labelledby="job-results">
      <div><h2 id="job-results">${t('jobset.results')}</h2>
        <p class="muted">${t('bucket.outputStays')}</p></div>
      ${output ? html`<${Secret} label=${t('bucket.outputFixed')} value=${output.uri} />`
        : html`<p>${t('bucket.outputNone')}</p>`}</section>`;
  }
  return html`<${Section} name="results" job=${job} setJob=${setJob} title=${t('jobset.results')}
    hint=${t('bucket.outputStays')} read=${(/** @type {any} */ j) => ({ output: outputBase(j) })}
    write=${(/** @type {any} */ v) => ({ output: v.output.trim() || null })} fields=${['output']}
    words=${(/** @type {any} */ v) => v.output || t('bucket.outputNone')}
    problem=${(/** @type {any} */ v) => Boolean(v.output.trim() && uriProblem(v.output))}>
    ${(/** @type {any} */ v, /** @type {any} */ change, /** @type {any} */ error) =>
      html`<${BucketField} label=${t('bucket.output')} hint=${t('bucket.outputHint')}
        value=${v.output} refusal=${fieldError(error, 'output')}
        onvalue=${(/** @type {string} */ output) => change({ output })} />`}<//>`;
}

/** A group's values side by side, for comparing. @param {any} v */
function inWords(v) {
  return Object.entries(v).filter(([, value]) => value !== null).map(([k, value]) =>
    `${t(`jobset.words.${k}`)}: ${
    typeof value === 'boolean' ? t(value ? 'jobset.on' : 'jobset.off') : k === 'target'
      ? percent(value / 100, 1) : typeof value === 'number' ? number(value, 2)
        : t(`quality.merges.${value}`)}`).join(' · ');
}

/** @param {{job: any, use: ReturnType<typeof useJob>}} props */
function End({ job, use }) {
  const [ending, setEnding] = useState(false);
  const can = allowed(job.state, job.preparing);
  const run = (/** @type {string} */ what) =>
    command(job, what, (after) => use.setJob({ ...job, ...after }));
  return html`<section class="card stack danger-zone" id="end" aria-labelledby="job-end">
    <h2 id="job-end">${t('jobset.end')}</h2><ul class="plain stack">
    ${(can.pause || can.resume)
      && html`<li class="row between">
        <div class="grow"><b>${t(can.pause ? 'frame.pause' : 'frame.resume')}</b>
          <p class="muted">${t(can.pause ? 'jobset.pauseText' : 'jobset.resumeText')}</p></div>
      <${Button} icon=${can.pause ? 'pause' : 'play'}
        onclick=${() => run(can.pause ? 'pause' : 'resume')}>
          ${t(can.pause ? 'frame.pause' : 'frame.resume')}<//></li>`}
    ${can.stop && html`<li class="row between">
      <div class="grow"><b>${t('frame.stop')}</b><p class="muted">${t('frame.stopText')}</p></div>
      <${Button} kind="danger" icon="stop" onclick=${() => run('stop')}>${t('frame.stopDots')}<//>
        </li>`}
    <li class="row between">
      <div class="grow"><b>${t('frame.delete')}</b><p class="muted">${t('jobset.deleteText')}</p>
        </div>
      <${Button} kind="danger" icon="trash" onclick=${() => setEnding(true)}>
        ${t('frame.deleteDots')}<//></li></ul>
    ${ending && html`<${DeleteDialog} job=${job} onclose=${() => setEnding(false)} />`}</section>`;
}

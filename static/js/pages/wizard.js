// @ts-check
// A new job in seven steps, each with an address of its own. The draft is kept in this browser
// after
// every change; nothing is on the server before the last step.

import { clock } from '../core/format.js';
import { navigate } from '../core/router.js';
import { Button, LinkButton } from '../ui/button.js';
import { confirm } from '../ui/dialog.js';
import { RadioGroup, TextField } from '../ui/field.js';
import { Icon, cx, html, useEffect, useRef, useState } from '../ui/html.js';
import { Loading, Page, useHeadingFocus } from '../ui/state.js';
import { BucketField } from '../lead/bucketfield.js';
import { CheckStep } from '../lead/checkstep.js';
import { Crew } from '../lead/crew.js';
import { DataStep } from '../lead/datastep.js';
import { changeDraft, draftProblems, emptyDraft, refusalOf, STEPS, stepState, TYPES }
  from '../lead/draft.js';
import { DescriptionField, GuideEditor } from '../lead/guideedit.js';
import { dropDraft, loadDraft, saveDraft } from '../lead/keep.js';
import { LabelTable } from '../lead/labeltable.js';
import { QualityFields } from '../lead/quality.js';
import { t } from '../lead/words.js';

/** @typedef {import('../lead/draft.js').Draft} Draft */
/** @typedef {import('../lead/draft.js').Step} Step */

/** @param {{params: {step?: string}}} props */
export function page({ params }) {
  const step = /** @type {Step} */ (STEPS.includes(/** @type {any} */ (params.step)) ? params.step
    : 'data');
  const [draft, setDraft] = useState(/** @type {Draft | null} */ (null));
  const [kept, setKept] = useState(true);
  const newest = useRef(/** @type {Draft | null} */ (null));
  const [tried, setTried] = useState(/** @type {Step[]} */ ([]));
    // steps somebody has left: their gaps may be shown
  useHeadingFocus(step);
  useEffect(() => { loadDraft().then((d) => { newest.current = d; setDraft(d); }); }, []);
  useEffect(() => () => { setTried((/** @type {Step[]} */ old) =>
    (old.includes(step) ? old : [...old, step])); }, [step]);
  const change = (/** @type {Partial<Draft>} */ some) => {
    const next = changeDraft(newest.current ?? emptyDraft(), some);
    newest.current = next;   // changes may come faster than the page is drawn
    setDraft(next);
    saveDraft(next).then(setKept);
  };
  const restart = async () => {
    if (!(await confirm({ title: t('wizard.dropTitle'), text: t('wizard.dropText'),
      ok: t('wizard.drop'), danger: true }))) return;
    await dropDraft();
    newest.current = emptyDraft();
    setDraft(newest.current);
    navigate('/jobs/new/data');
  };
  const at = STEPS.indexOf(step);
  const problems = draft ? draftProblems(draft) : [];
  const crumbs = [{ href: '/jobs', label: t('jobs.title') },
    { href: '/jobs/new/data', label: t('wizard.title') }];
  return html`<${Page} title=${t(`wizard.head.${step}`)} lead=${t(`wizard.lead.${step}`)}
    crumbs=${crumbs} width="wizard">
    <${StepNav} step=${step} problems=${problems} tried=${tried} draft=${draft} />
    ${!draft ? html`<${Loading} />` : html`<div class="wizard-step">
      <${StepBody} step=${step} draft=${draft} change=${change} tried=${tried}
        problems=${problems} /></div>
    <div class="wizard-foot"><div class="row">
        ${at > 0 && html`<${LinkButton} icon="back" href=${`/jobs/new/${STEPS[at - 1]}`}>
          ${t('wizard.back')}<//>`}
        ${draft.saved && html`<${Button} kind="quiet" onclick=${restart}>
          ${t('wizard.dropDots')}<//>`}</div>
      <span class="meta" role="status">
        ${draft.saved ? (kept ? t('wizard.kept', { when: clock(draft.saved) })
          : t('wizard.keptNot')) : ''}</span>
      ${at < STEPS.length - 1 && html`<${LinkButton} kind="main"
        href=${`/jobs/new/${STEPS[at + 1]}`}>
          ${t('wizard.next', { step: t(`wizard.${STEPS[at + 1]}`) })}<//>`}</div>`}<//>`;
}

/** @param {{step: Step, problems: ReturnType<typeof draftProblems>, tried: Step[], draft: Draft |
 *  null}} props */
function StepNav({ step, problems, tried, draft }) {
  return html`<nav class="steps" aria-label=${t('wizard.steps')}>
    <ol class="plain">${STEPS.map((s, i) => {
    const state = s === 'check' || !draft ? '' : stepState(problems, s);
    const seen = tried.includes(s) && s !== step;
    // What has good defaults counts as done once somebody has been there.
    const own = s === 'data' || s === 'task' || s === 'labels'
      || (s === 'guide' && Boolean(draft?.instructions || draft?.description));
    const mark = !draft?.saved || s === 'check' || s === step ? '' : state === 'stop'
      ? (seen ? 'alert' : '') : own || seen ? 'check' : '';
    return html`<li><a href=${`/jobs/new/${s}`} class=${cx(mark)}
      aria-current=${s === step ? 'step' : undefined}>
      <span class="step-number" aria-hidden="true">${mark ? html`<${Icon} name=${mark} />` : i + 1}
        </span><span>${t(`wizard.${s}`)}</span>
      ${mark && html`<span class="unseen">${t(mark === 'check' ? 'wizard.done' : 'wizard.look')}
        </span>`}</a></li>`;
  })}</ol></nav>`;
}

/** @param {{step: Step, draft: Draft, change: (some: Partial<Draft>) => void, tried: Step[],
 *  problems: ReturnType<typeof draftProblems>}} props */
function StepBody({ step, draft, change, tried, problems }) {
  const shown = tried.includes(step);
  const codes = problems.filter((p) => p.step === step).map((p) => p.code);
  const wrong = (/** @type {string[]} */ of) => { const code = shown
    && of.find((c) => codes.includes(c)); return code ? t(`check.${code}`) : ''; };
  switch (step) {
    case 'data': return html`<${DataStep} draft=${draft} change=${change} />`;
    case 'task': return html`<div class="stack wide">
      <${TextField} label=${t('wizard.name')} hint=${t('wizard.nameHint')} value=${draft.title}
        dir="auto" maxlength="200" error=${wrong(['notitle', 'longtitle'])}
          onvalue=${(/** @type {string} */ title) => change({ title })} />
      <${TextField} label=${t('wizard.short')} hint=${t('wizard.shortHint')} value=${draft.name}
        maxlength="63" spellcheck=${false} autocapitalize="off"
        error=${draft.name && codes.includes('badname') ? t('check.badname') : wrong(['noname'])}
          onvalue=${(/** @type {string} */ name) => change({ name })} />
      <${RadioGroup} label=${t('wizard.type')} value=${draft.type} error=${wrong(['notype'])}
        onvalue=${(/** @type {string} */ type) => change({ type })}
        options=${TYPES.map((type) =>
          ({ value: type, label: html`<${Icon}
            name=${type.startsWith('image') ? 'image' : 'text'} /> ${t(`job.type.${type}`)}`,
              hint: t(`wizard.typeHint.${type}`) }))} /></div>`;
    case 'labels': return html`<${LabelTable} labels=${draft.labels}
      onlabels=${(/** @type {any} */ labels) => change({ labels })} />`;
    case 'guide': return html`<div class="stack wide">
      <${DescriptionField} value=${draft.description}
        onvalue=${(/** @type {string} */ description) => change({ description })} />
      <${GuideEditor} text=${draft.instructions}
        ontext=${(/** @type {string} */ instructions) => change({ instructions })} /></div>`;
    case 'people': return html`<${Crew} everybody=${draft.everybody} people=${draft.people}
      teams=${draft.teams} onchange=${change} />`;
    case 'quality': return html`<div class="stack wide"><${QualityFields} value=${draft}
      onchange=${change} problems=${codes} />
      <section class="card stack"><h2>${t('jobset.results')}</h2><${BucketField}
        label=${t('bucket.output')} hint=${t('bucket.outputHint')} value=${draft.output}
        refusal=${refusalOf(draft, 'output', draft.output)} eager=${shown}
        onvalue=${(/** @type {string} */ output) => change({ output })} /></section></div>`;
    default: return html`<${CheckStep} draft=${draft} change=${change} />`;
  }
}

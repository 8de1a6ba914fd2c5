// @ts-check
// The labelling screen: the frame that is the same for every kind of task. The task itself is drawn
// by a surface outside Preact; the frame only tells it what to show.

import { announce } from '../core/announce.js';
import * as api from '../core/api.js';
import { t } from '../core/i18n.js';
import { hint } from '../core/keys.js';
import { navigate } from '../core/router.js';
import { savePreferences } from '../core/session.js';
import { preferences, storage, waiting } from '../core/store.js';
import { KeyOverlay } from '../ui/keysheet.js';
import { Palette } from '../ui/palette.js';
import { Swatch } from '../ui/parts.js';
import { Failed, Loading, Page } from '../ui/state.js';
import { html, useEffect, useMemo, useRef, useState } from '../ui/html.js';
import { toast, toastError } from '../ui/toast.js';
import { ActionBar, DraftQuestion, LeaseWarning, NoTask, TaskBar } from './bars.js';
import { ChoicePanel } from './classify.js';
import { useCommands } from './commands.js';
import { Flow } from './flow.js';
import { GuidePanel } from './guide.js';
import { kindOf } from './kinds.js';
import { choices, placeKey } from './labels.js';
import { Missing, missingKind } from './missing.js';
import { SkipDialog } from './skip.js';
import { useSurface } from './stage.js';
import { openWork } from './work.js';

/** The flow of a job, from the first request until the screen is left. @param {string} job @param {string} task */
function useFlow(job, task) {
  const [state, setState] = useState(/** @type {{flow?: Flow, error?: any}} */ ({}));
  useEffect(() => {
    /** @type {Flow | undefined} */
    let flow;
    let gone = false;
    const start = async () => {
      const [guide, work] = await Promise.all([api.get(api.url`/jobs/${job}/guide`), openWork()]);
      const kind = kindOf(guide.type);
      if (!kind) throw new Error(t('label.unknownType', { type: guide.type }));
      if (gone) return;
      flow = new Flow({ job, guide, work, kind,
        notify: (key, values, look) => toast(t(key, values), { kind: /** @type {any} */ (look ?? '') }) });
      await flow.start(task);
      if (!gone) setState({ flow });
    };
    setState({});
    start().catch((error) => { if (!gone) setState({ error }); });
    return () => {
      gone = true;
      flow?.destroy();
    };
  }, [job]);
  return state;
}

/** Keeps the address, the live region and the focus with the task in front. @param {Flow} flow @param {string} job */
function useSwap(flow, job) {
  const slot = flow.current.value;
  useEffect(() => {
    if (!slot) return;
    navigate(api.url`/label/${job}/${slot.task.item}`, { replace: true, quiet: true });
    const heading = document.getElementById('task-heading');
    if (!document.querySelector('dialog[open]')) heading?.focus({ preventScroll: true });
    const words = slot.task.source?.slice(0, 200) ?? t('label.imageTask');
    announce(t('label.taskSaid', { n: flow.count.peek(), words }));
  }, [slot]);
}

/** What happens when the tab is hidden, closed, or sends input. @param {Flow} flow */
function usePresence(flow) {
  useEffect(() => {
    const touch = () => flow.time.touch();
    const show = () => {
      flow.time.show(!document.hidden);
      if (document.hidden) flow.work.drafts.flush(true);
    };
    const hide = (/** @type {PageTransitionEvent} */ e) => {
      flow.work.drafts.flush(true);
      flow.letGo(false);
      if (e.persisted) window.addEventListener('pageshow', () => location.reload(), { once: true });
    };
    // Only where the browser keeps nothing: everywhere else leaving is safe.
    const ask = (/** @type {BeforeUnloadEvent} */ e) => {
      if (!storage.peek() && (waiting.peek() || flow.work.drafts.unsent)) e.preventDefault();
    };
    const inputs = /** @type {const} */ (['keydown', 'pointerdown', 'pointermove', 'wheel']);
    for (const name of inputs) document.addEventListener(name, touch, { passive: true });
    document.addEventListener('visibilitychange', show);
    window.addEventListener('pagehide', hide);
    window.addEventListener('beforeunload', ask);
    return () => {
      for (const name of inputs) document.removeEventListener(name, touch);
      document.removeEventListener('visibilitychange', show);
      window.removeEventListener('pagehide', hide);
      window.removeEventListener('beforeunload', ask);
    };
  }, [flow]);
}

/** Whether picking goes on by itself. @param {import('../types.js').Guide} guide */
function goesOn(guide) {
  const own = preferences.value.advance ?? 'job';
  return own === 'job' ? guide.auto_advance : own === 'on';
}

/** @param {{flow: Flow, job: string}} props */
function Frame({ flow, job }) {
  const { guide } = flow;
  const all = useMemo(() => choices(guide.labels), [guide]);
  const read = preferences.peek().guides?.[job] ?? 0;
  const fresh = read < guide.instructions_version;
  const [guideOpen, setGuideOpen] = useState(fresh && Boolean(guide.instructions || guide.description));
  const [panel, setPanel] = useState('');   // skip | comment | find | help
  const [peek, setPeek] = useState(false);
  const [missing, setMissing] = useState(false);
  const advance = goesOn(guide);
  const keys = preferences.value.keys ?? {};
  const k = (/** @type {string} */ id) => hint(id, keys);
  const stage = useRef(/** @type {HTMLElement | null} */ (null));
  const { surface, broken, next, again, scale } = useSurface(flow, stage);
  useSwap(flow, job);
  usePresence(flow);
  useEffect(() => { document.title = `${guide.title} · Plumbline`; }, [guide]);
  useEffect(() => {
    if (fresh) savePreferences({ guides: { ...preferences.peek().guides, [job]: guide.instructions_version } })
      .catch(() => {});
  }, []);

  const unseen = () => {
    if (broken) announce(t('label.unseen'), { urgent: true });
    return Boolean(broken);
  };
  const submit = () => {
    if (broken && missingKind(broken) === 'waits') return again();
    if (unseen()) return;
    const done = flow.submit();
    setMissing(!done && flow.phase.peek() === 'task');
    if (!done && flow.phase.peek() === 'task') announce(t('label.needs'), { urgent: true });
  };
  const pick = (/** @type {string} */ name) => {
    setPanel('');
    setMissing(false);
    if (flow.phase.peek() !== 'task' || unseen()) return;
    flow.change({ label: name });
    if (goesOn(guide)) flow.submit();
    else announce(t('label.picked', { label: name }));
  };
  const skip = (/** @type {string} */ reason) => {
    setPanel('');
    flow.skip(reason, flow.comment.peek());
  };
  useCommands({ flow, surface, choices: all, pick, submit, setPanel, setPeek,
    toggleGuide: () => setGuideOpen((open) => !open), help: () => setPanel('help') });

  const slot = flow.current.value;
  const items = useMemo(() => all.map((c) => ({ id: c.name, name: c.name, hint: c.description,
    keys: placeKey(c.place), mark: html`<${Swatch} index=${c.index} color=${c.color} />` })), [all]);
  const groups = flow.kind.surface === 'image' ? ['answer', 'view', 'page'] : ['answer', 'page'];
  return html`<div class="label-screen" data-guide=${String(guideOpen)} data-peek=${String(peek)}>
    <${TaskBar} flow=${flow} guideOpen=${guideOpen} scale=${scale} surface=${surface}
      onguide=${() => setGuideOpen(!guideOpen)} onhelp=${() => setPanel('help')} onskip=${skip} />
    <main class="label-main" id="task">
      ${guideOpen && html`<${GuidePanel} guide=${guide} choices=${all} changed=${fresh && read > 0}
        keys=${k('guide')} onclose=${() => setGuideOpen(false)} />`}
      <div class="stage">
        <div ref=${stage} hidden=${!slot || broken}></div>
        ${broken && slot && html`<${Missing} error=${broken} next=${next} k=${k} onagain=${again}
          onskip=${(/** @type {string | undefined} */ why) => (why ? skip(why) : setPanel('skip'))} />`}
        ${!slot && html`<${NoTask} kind=${flow.phase.value === 'none' ? flow.none.value : 'loading'}
          reason=${flow.failure?.message} onagain=${() => flow.again()} />`}
        <${LeaseWarning} flow=${flow} keys=${k('extend')} />
      </div>
      ${slot && html`<${ChoicePanel} choices=${all} picked=${flow.picked.value} advance=${advance}
        findKeys=${k('find')} keysOn=${keys.mode !== 'off'} onpick=${pick} onfind=${() => setPanel('find')}
        onadvance=${(/** @type {boolean} */ on) => savePreferences({ advance: on ? 'on' : 'off' }).catch(toastError)} />`}
    </main>
    <${ActionBar} flow=${flow} choices=${all} missing=${missing} k=${k} advance=${advance}
      onsubmit=${submit} onskip=${() => setPanel('skip')} oncomment=${() => setPanel('comment')} />
    ${(panel === 'skip' || panel === 'comment') && slot && html`<${SkipDialog} comment=${flow.comment.peek()}
      first=${panel === 'skip' ? 'reason' : 'comment'} onskip=${skip} onclose=${() => setPanel('')}
      oncomment=${(/** @type {string} */ text) => flow.change({ comment: text })} />`}
    ${panel === 'find' && slot && html`<${Palette} title=${t('label.find')} items=${items} onpick=${pick}
      onclose=${() => setPanel('')} />`}
    ${panel === 'help' && html`<${KeyOverlay} groups=${groups} onclose=${() => setPanel('')} />`}
    <${DraftQuestion} flow=${flow} />
  </div>`;
}

/** @param {{params: {job: string, task?: string}}} props */
export function page({ params }) {
  // Going on changes the address by itself; only another job is another screen.
  const { flow, error } = useFlow(params.job, params.task ?? '');
  if (error) {
    return html`<${Page} title=${t('label.cannot')} width="narrow" crumbs=${[{ href: '/tasks', label: t('nav.tasks') }]}>
      <${Failed} error=${error} retry=${() => location.reload()} /><//>`;
  }
  if (!flow) {
    return html`<${Page} title=${t('label.opening')} width="narrow"><${Loading} /><//>`;
  }
  return html`<${Frame} key=${params.job} flow=${flow} job=${params.job} />`;
}

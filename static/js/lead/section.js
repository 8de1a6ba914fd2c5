// @ts-check
// One group of settings that is saved by itself. If somebody else has changed the same meanwhile,
// nothing is sent: both values are shown and one is chosen.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { Button } from '../ui/button.js';
import { FormError } from '../ui/field.js';
import { html, useEffect, useId, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { t } from './words.js';

/** Whether two values are the same to the server. @param {any} a @param {any} b */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * @param {{name: string, job: any, setJob: (job: any) => void, title: string, hint?: any, read:
 *  (job: any) => any, write: (value: any) => object,
 *  words: (value: any) => any, problem?: (value: any) => boolean, fields?: string[],
 *  children: (value: any, change: (some: any) => void, error: any) => any}} props
 *  name: the section's in the address; read: the form's value out of a job; write: the PATCH out of
 *  a value; words: the value for people to compare; fields: those that show what is refused of them
 *  by themselves
 */
export function Section({ name, job, setJob, title, hint, read, write, words, problem, fields = [],
  children }) {
  const id = useId();
  const [base, setBase] = useState(read(job));
  const [value, setValue] = useState(base);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [theirs, setTheirs] = useState(/** @type {any} */ (null));
  const dirty = !same(value, base);
  useEffect(() => {   // the job was read anew and nothing of ours is unsent: follow it
    const fresh = read(job);
    if (dirty || same(fresh, base)) return;
    setBase(fresh);
    setValue(fresh);
  }, [job]);
  const take = (/** @type {any} */ after) => {
    setJob(after);
    setBase(read(after));
    setValue(read(after));
    setTheirs(null);
  };
  const send = async () => {
    take(await api.patch(api.url`/jobs/${job.id}`, write(value)));
    setSaved(true);
    announce(t('jobset.saved'));
  };
  const save = async (/** @type {Event | null} */ e, sure = false) => {
    e?.preventDefault();
    if (!dirty || busy) return;
    setBusy(true);
    setError(null);
    try {
      const now = sure ? null : await api.get(api.url`/jobs/${job.id}`);
      if (now && !same(read(now), base)) setTheirs(now);
      else await send();
    } catch (problem_) {
      setError(problem_);
    }
    setBusy(false);
  };
  const change = (/** @type {any} */ some) => {
    setSaved(false);
    setError(null);
    setValue((/** @type {any} */ old) => ({ ...old, ...some }));
  };
  return html`<section class="card" id=${name} aria-labelledby=${id}>
    <form class="stack wide" onSubmit=${save}>
    <div><h2 id=${id}>${title}</h2>${hint && html`<p class="muted">${hint}</p>`}</div>
    ${children(value, change, error)}
    <${FormError} error=${fields.includes(error?.field) ? null : error} />
    ${theirs && html`<${Notice} kind="warn" role="alert"><strong>${t('jobset.conflict')}</strong>
      <dl class="conflict"><dt>${t('jobset.theirs')}</dt>
        <dd class="wrap" dir="auto">${words(read(theirs))}</dd><dt>${t('jobset.mine')}</dt>
          <dd class="wrap" dir="auto">${words(value)}</dd></dl>
      <div class="row"><${Button} onclick=${() => take(theirs)}>${t('jobset.takeTheirs')}<//>
        <${Button} kind="danger" onclick=${() => save(null, true)}>${t('jobset.sendMine')}<//></div>
          <//>`}
    <div class="row"><${Button} type="submit" kind=${dirty ? 'main' : ''} busy=${busy}
      disabled=${!dirty || problem?.(value)}>${t('jobset.save')}<//>
      ${dirty ? html`<${Button} kind="quiet" onclick=${() => { setValue(base); setTheirs(null); }}>
        ${t('jobset.undo')}<//>`
        : saved && html`<span class="ok" role="status">${t('jobset.saved')}</span>`}</div></form>
          </section>`;
}

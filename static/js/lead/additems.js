// @ts-check
// More data for a job that exists: the same way as in the wizard, without the wizard.

import { Button } from '../ui/button.js';
import { FormError } from '../ui/field.js';
import { html, useRef, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { AddFromBucket } from './addbucket.js';
import { emptyDraft } from './draft.js';
import { Launch, partsOf } from './launch.js';
import { FilePicker, inspect } from './pick.js';
import { Refusals, requests, SendProgress } from './send.js';
import { t } from './words.js';

/** @param {{job: any, ondone?: () => void}} props */
export function AddItems({ job, ondone }) {
  const [, draw] = useState(0);
  const [refused, setRefused] = useState(/** @type {string[]} */ ([]));
  const launch = useRef(/** @type {Launch | null} */ (null));
  const run = async () => {
    const one = /** @type {Launch} */ (launch.current);
    await one.go();
    if (one.phase === 'done' || one.phase === 'refused') ondone?.();
  };
  const add = async (/** @type {import('./pick.js').Picked[]} */ picked) => {
    const looked = await Promise.all(picked.map(inspect));
    const files = looked.flatMap((l) => (l ? [l.entry] : []));
    const folder = files.filter((e) => e.kind === 'text').length > 1
      && files.every((e) => e.name.includes('/'));
    const blobs = new Map(picked.map((p) => [p.name, p.file]));
    setRefused(picked.filter((_, i) => !looked[i]).map((p) => p.name));
    if (!files.length) return;
    /** @type {import('./draft.js').Draft} */
    const draft = { ...emptyDraft(), job: job.id, files, textFiles: folder ? 'whole' : 'lines' };
    // The job exists and is started, or not, by its own button: starting is no part of this.
    launch.current = new Launch(draft, partsOf(draft, (name) => blobs.get(name)),
      { ...requests, start: async () => {} }, () => {},
        () => draw((/** @type {number} */ n) => n + 1));
    run();
  };
  const now = launch.current;
  const busy = Boolean(now && (now.phase === 'sending' || now.phase === 'starting'));
  return html`<div class="stack"><${FilePicker} onfiles=${add} busy=${busy} />
    ${refused.length > 0 && html`<${Notice} kind="warn">
      ${t('data.refused', { n: refused.length, names: refused.slice(0, 5).join(', ') })}<//>`}
    ${now && html`<${SendProgress} launch=${now} inJob=${true} /><${Refusals} launch=${now} name=${job.name} />`}
    ${now?.phase === 'failed' && html`<${FormError} error=${now.error} />
      <div class="row"><${Button} icon="retry" onclick=${run}>${t('send.again')}<//></div>`}
    <${AddFromBucket} job=${job} /></div>`;
}

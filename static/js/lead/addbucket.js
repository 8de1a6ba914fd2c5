// @ts-check
// More items for a job out of a bucket. The import runs on the server; the job's pages show it.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { Button } from '../ui/button.js';
import { FormError } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { BucketField } from './bucketfield.js';
import { t } from './words.js';
import { fieldError, uriProblem } from './uri.js';

/** @param {{job: any}} props */
export function AddFromBucket({ job }) {
  const [uri, setUri] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [added, setAdded] = useState(false);
  const [tried, setTried] = useState(false);
  const refusal = fieldError(error, 'source');
  const change = (/** @type {string} */ value) => {
    setUri(value);
    setError(null);
    setAdded(false);
  };
  const add = async (/** @type {Event} */ e) => {
    e.preventDefault();
    setTried(true);
    if (busy || !uri.trim() || uriProblem(uri, { key: true })) return;
    setBusy(true);
    try {
      await api.post(api.url`/jobs/${job.id}/imports`, { source: uri.trim() });
      change('');
      setAdded(true);
      setTried(false);
      announce(t('bucket.added'));
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return html`<details><summary>${t('bucket.from')}</summary>
    <form class="stack gap-above" onSubmit=${add}>
      <${BucketField} label=${t('bucket.source')} hint=${t('bucket.sourceHint')} needsKey value=${uri}
        onvalue=${change} refusal=${refusal} eager=${tried} />
      <${FormError} error=${refusal ? null : error} />
      <div class="row"><${Button} type="submit" busy=${busy} disabled=${!uri.trim()}>
        ${t('bucket.add')}<//>
        ${added && html`<span class="ok">${t('bucket.added')}</span>`}</div></form></details>`;
}

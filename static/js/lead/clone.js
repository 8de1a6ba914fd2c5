// @ts-check
// A new job from one that is there: the same items once more, or what is left of them.

import * as api from '../core/api.js';
import { navigate } from '../core/router.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { FormError, RadioGroup, TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { toast } from '../ui/toast.js';
import { cloneRequest, nextName } from './clonerequest.js';
import { nameFrom, nameIsFine } from './draft.js';
import { fieldError } from './uri.js';
import { t } from './words.js';

const TITLE_MOST = 200;
const ATTRIBUTE_MOST = 127;

/** @param {{job: any, chain: boolean, onclose: () => void}} props chain: goes on with the labels so
 *  far */
export function CloneDialog({ job, chain, onclose }) {
  const old = job.title || job.name;
  const suffixed = t(chain ? 'clone.chained' : 'clone.suffix', { title: old });
  const [value, setValue] = useState({ labels: chain ? 'output' : 'input', same: true, attribute: '',
    title: [...suffixed].length > TITLE_MOST ? old : suffixed });
  const [name, setName] = useState(nextName(job.name));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const change = (/** @type {Partial<typeof value>} */ some) => {
    setError(null);
    setValue({ ...value, ...some });
  };
  const bad = name && !nameIsFine(name) ? t('check.badname') : '';
  const taken = fieldError(error, 'name') || (error?.code === 'job.name_taken' ? error.message : '');
  const wrongTitle = fieldError(error, 'title');
  const wrongAttribute = fieldError(error, 'label_attribute');
  const shown = taken || wrongTitle || (wrongAttribute && !value.same);
  const ready = name && !bad && (value.same || value.attribute.trim());
  const make = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    try {
      const made = await api.post(api.url`/jobs/${job.id}/clone`, cloneRequest(value, name, job));
      toast(t('clone.made', { title: made.title || made.name }), { kind: 'ok' });
      onclose();
      navigate(`/jobs/${encodeURIComponent(made.id)}`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const actions = html`<${Button} onclick=${onclose}>${t('frame.cancel')}<//>
    <${Button} kind="main" busy=${busy} disabled=${!ready} onclick=${make}>${t('clone.go')}<//>`;
  return html`<${Dialog} title=${t(chain ? 'clone.chainTitle' : 'clone.title', { title: old })}
    onclose=${onclose} actions=${actions}><form class="stack wide" onSubmit=${make}>
      <p class="muted">${t('clone.text')}</p><${FormError} error=${shown ? null : error} />
      <div class="pair"><${TextField} label=${t('wizard.name')} value=${value.title} dir="auto"
        maxlength=${TITLE_MOST} error=${wrongTitle}
        onvalue=${(/** @type {string} */ title) => change({ title })} />
      <${TextField} label=${t('wizard.short')} value=${name} maxlength="63" spellcheck=${false}
        autocapitalize="off" error=${bad || taken}
        onvalue=${(/** @type {string} */ v) => { setError(null); setName(v); }} /></div>
      <${RadioGroup} label=${t('clone.bring')} value=${value.labels}
        onvalue=${(/** @type {string} */ labels) => change({ labels })}
        options=${['input', 'output'].map((v) =>
          ({ value: v, label: t(`clone.${v}`), hint: t(`clone.${v}Hint`) }))} />
      <${RadioGroup} label=${t('clone.attribute')} value=${value.same ? 'same' : 'other'}
        onvalue=${(/** @type {string} */ v) => change({ same: v === 'same', attribute: value.attribute
          || nameFrom(name).slice(0, ATTRIBUTE_MOST) })}
        options=${[{ value: 'same', label: html`<span class="wrap">${t('clone.same',
          { name: job.label_attribute })}</span>`, hint: t(`clone.sameHint.${value.labels}`) },
          { value: 'other', label: t('clone.other'), hint: t(`clone.otherHint.${value.labels}`) }]} />
      ${!value.same && html`<${TextField} label=${t('clone.otherName')} value=${value.attribute}
        maxlength=${ATTRIBUTE_MOST} spellcheck=${false} autocapitalize="off" error=${wrongAttribute}
        onvalue=${(/** @type {string} */ attribute) => change({ attribute })} />`}
      <button type="submit" hidden></button></form><//>`;
}

// @ts-check
// Something to be copied, such as a secret that is shown once: in a field from which it can be
// copied by hand, since plain http has no clipboard. Where there is one, a button copies it.

import { announce } from '../core/announce.js';
import { Button } from '../ui/button.js';
import { html, useId, useState } from '../ui/html.js';
import { toastError } from '../ui/toast.js';
import { t } from './words.js';

/** @param {{label: string, value: string, focus?: boolean}} props */
export function Secret({ label, value, focus }) {
  const id = useId();
  const [copied, setCopied] = useState('');
  const done = copied === value;
  const all = (/** @type {any} */ e) => e.currentTarget.select();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(value);
      announce(t('secret.copied'));
    } catch (error) {
      toastError(error);
    }
  };
  return html`<div class="field"><label for=${id}>${label}</label><div class="with-button">
    <input id=${id} class="input mono" readonly value=${value} dir="ltr" spellcheck=${false}
      autofocus=${focus} onFocus=${all} onClick=${all} />
    ${typeof navigator.clipboard?.writeText === 'function'
      && html`<${Button} icon=${done ? 'check' : 'copy'} onclick=${copy}>
        ${t(done ? 'secret.did' : 'secret.copy')}
        <span class="unseen"> ${label}</span><//>`}</div></div>`;
}

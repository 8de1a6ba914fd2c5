// @ts-check
// Name and password, on the sign-in page and in the dialog above a task when a session has ended.

import { minute } from '../core/format.js';
import { t } from '../core/i18n.js';
import { signIn } from '../core/session.js';
import { Button } from './button.js';
import { CheckField, PasswordField, TextField } from './field.js';
import { Icon, html, useState } from './html.js';

/** Words for a refusal; they name neither field. @param {any} error */
function reason(error) {
  if (error?.code === 'session.locked' || error?.status === 429) {
    const until = new Date(Date.now() + 1000 * (error.retryAfter || 60));
    return t('login.locked', { until: minute(until) });
  }
  if (error?.status === 401) return t('login.refused');
  return error?.status === 0 ? t('login.unreached') : error?.message ?? String(error);
}

/** @param {{name?: string, ondone?: () => void}} props name: given and fixed, for the same person again */
export function SignInForm({ name: fixed, ondone }) {
  const [name, setName] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const [keep, setKeep] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  /** @param {SubmitEvent} e */
  const submit = async (e) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      await signIn(name, password, keep);
      ondone?.();
    } catch (problem) {
      setError(reason(problem));
      setBusy(false);
    }
  };
  return html`<form class="stack" method="post" onSubmit=${submit}>
    ${error && html`<div class="notice bad" role="alert"><${Icon} name="alert" /><p class="grow">${error}</p></div>`}
    <${TextField} label=${t('login.name')} name="username" autocomplete="username" autocapitalize="off"
      spellcheck=${false} required value=${name} onvalue=${setName} autofocus=${!fixed} />
    <${PasswordField} label=${t('login.password')} name="password" autocomplete="current-password" required
      value=${password} onvalue=${setPassword} autofocus=${Boolean(fixed)} />
    <${CheckField} label=${t('login.keep')} checked=${keep} onvalue=${setKeep} />
    <${Button} type="submit" kind="main" big busy=${busy}>${t('login.submit')}<//>
  </form>`;
}

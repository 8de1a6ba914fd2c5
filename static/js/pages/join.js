// @ts-check
// Taking up an invitation; the first admin's too.

import * as api from '../core/api.js';
import { dateTime } from '../core/format.js';
import { t } from '../core/i18n.js';
import { navigate } from '../core/router.js';
import { home, join } from '../core/session.js';
import { person } from '../core/store.js';
import { Button } from '../ui/button.js';
import { FormError, PasswordField, TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { Door } from './login.js';

const SHORTEST = 8;   // characters of a password

/** @param {{token: string, invitation: any, first: boolean}} props */
function Form({ token, invitation, first }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(/** @type {{name?: string, password?: string}} */ ({}));
  const [error, setError] = useState(/** @type {any} */ (null));
  /** @param {SubmitEvent} e */
  const submit = async (e) => {
    e.preventDefault();
    /** @type {typeof wrong} */
    const found = {};
    if (!name.trim()) found.name = t('join.noName');
    if ([...password].length < SHORTEST) found.password = t('join.short', { n: [...password].length });
    setWrong(found);
    setError(null);
    if (found.name || found.password) {
      /** @type {HTMLElement | null} */ (document.querySelector(`input[name="${found.name ? 'username' : 'password'}"]`))?.focus();
      return;
    }
    setBusy(true);
    try {
      await join(token, name.trim(), password);
      navigate(home(person.peek()?.role), { replace: true });
    } catch (/** @type {any} */ problem) {
      const field = problem.code === 'person.name_taken' ? 'name' : problem.field;
      if (field === 'name' || field === 'password') setWrong({ [field]: problem.message });
      else setError(problem);
      setBusy(false);
    }
  };
  return html`<form class="stack" method="post" novalidate onSubmit=${submit}>
    <${Notice}>${first ? t('join.firstAdmin') : t('join.role', { role: t(`role.${invitation.role}`) })}
      ${invitation.expires && html`<br /><span class="meta">${t('join.expires', { when: dateTime(invitation.expires) })}</span>`}<//>
    <${FormError} error=${error} />
    <${TextField} label=${t('join.name')} hint=${t('join.nameHint')} error=${wrong.name} name="username"
      autocomplete="username" autocapitalize="off" spellcheck=${false} required value=${name} onvalue=${setName} />
    <${PasswordField} label=${t('login.password')} hint=${t('join.passwordHint')} error=${wrong.password} name="password"
      autocomplete="new-password" required value=${password} onvalue=${setPassword} />
    <${Button} type="submit" kind="main" big busy=${busy}>${t('join.submit')}<//></form>`;
}

/** @param {{params: {token: string}}} props */
export function page({ params }) {
  const { data, error, reload } = useLoad(async () => {
    const [invitation, setup] = await Promise.all([
      api.get(api.url`/invitations/${params.token}`, { quiet: true }), api.get('/setup', { quiet: true })]);
    return { invitation, first: Boolean(setup.needs_admin) };
  }, [params.token]);
  const gone = (error?.status === 404 || error?.status === 410) && !error.outside;
  return html`<${Door} title=${gone ? t('join.gone') : t('join.title')}>
    ${gone && html`<p>${t('join.goneText')}</p><p><a href="/login">${t('login.title')}</a></p>`}
    ${error?.outside && html`<${Notice} kind="warn" role="alert">${error.message}<//>`}
    ${error && !gone && !error.outside && html`<${Failed} error=${error} retry=${reload} />`}
    ${!data && !error && html`<${Loading} lines=${3} line />`}
    ${data && html`<${Form} token=${params.token} ...${data} />`}<//>`;
}

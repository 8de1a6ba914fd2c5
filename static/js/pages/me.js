// @ts-check
// The person's own settings. Each is kept as it is changed; there is no Save button to forget.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { t } from '../core/i18n.js';
import { savePreferences } from '../core/session.js';
import { person, preferences } from '../core/store.js';
import { Button } from '../ui/button.js';
import { CheckField, FormError, PasswordField, RadioGroup } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Page, useLoad } from '../ui/state.js';
import { toast, toastError } from '../ui/toast.js';
import { Remap } from './remap.js';

/** @param {import('../types.js').Preferences} some */
function set(some) {
  savePreferences(some).then(() => announce(t('me.saved')), toastError);
}

/** @param {string} group @param {string[]} values */
function options(group, values) {
  return values.map((value) => ({ value, label: t(`me.${group}Of.${value}`) }));
}

function Look() {
  const p = preferences.value;
  return html`<section class="card stack" aria-labelledby="me-look"><h2 id="me-look">${t('me.look')}</h2>
    <${RadioGroup} look="segments" label=${t('me.theme')} value=${p.theme ?? 'auto'}
      options=${options('theme', ['auto', 'light', 'dark'])} onvalue=${(/** @type {any} */ theme) => set({ theme })} />
    <${RadioGroup} look="segments" label=${t('me.surround')} hint=${t('me.surroundHint')} value=${p.surround ?? 'dark'}
      options=${options('surround', ['dark', 'black', 'grey', 'white', 'checker'])}
      onvalue=${(/** @type {any} */ surround) => set({ surround })} />
    <${RadioGroup} look="segments" label=${t('me.text')} value=${p.text ?? '17'}
      options=${options('text', ['15', '17', '20', '24'])} onvalue=${(/** @type {any} */ text) => set({ text })} />
    <${CheckField} label=${t('me.motion')} checked=${p.motion === 'reduced'}
      onvalue=${(/** @type {boolean} */ on) => set({ motion: on ? 'reduced' : 'auto' })} /></section>`;
}

function Work() {
  const p = preferences.value;
  return html`<section class="card stack" aria-labelledby="me-work"><h2 id="me-work">${t('me.work')}</h2>
    <${RadioGroup} look="segments" label=${t('me.advance')} value=${p.advance ?? 'job'}
      options=${options('advance', ['job', 'on', 'off'])} onvalue=${(/** @type {any} */ advance) => set({ advance })} />
    <${RadioGroup} look="segments" label=${t('me.wheel')} value=${p.wheel ?? 'auto'}
      options=${options('wheel', ['auto', 'zoom', 'pan'])}
      onvalue=${(/** @type {any} */ wheel) => set({ wheel: wheel === 'auto' ? undefined : wheel })} />
    <${CheckField} label=${t('me.timer')} checked=${Boolean(p.timer)}
      onvalue=${(/** @type {boolean} */ timer) => set({ timer })} /></section>`;
}

function Keys() {
  const keys = preferences.value.keys ?? {};
  const setKeys = (/** @type {import('../types.js').KeyPreferences} */ some) => set({ keys: { ...keys, ...some } });
  return html`<section class="card stack" aria-labelledby="me-keys"><h2 id="me-keys">${t('me.keys')}</h2>
    <${RadioGroup} look="segments" label=${t('me.mode')} hint=${t('me.modeHint')} value=${keys.mode ?? 'on'}
      options=${options('mode', ['on', 'alt', 'off'])} onvalue=${(/** @type {any} */ mode) => setKeys({ mode })} />
    <${RadioGroup} look="segments" label=${t('me.hand')} value=${keys.hand ?? 'both'}
      options=${options('hand', ['both', 'left', 'right'])} onvalue=${(/** @type {any} */ hand) => setKeys({ hand })} />
    <${Remap} keys=${keys} onremap=${(/** @type {any} */ remap) => setKeys({ remap })} />
    <p><a href="/help/keys">${t('keys.title')}</a></p></section>`;
}

function Password() {
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState('');
  const [wrong, setWrong] = useState('');
  const [error, setError] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  /** @param {SubmitEvent} e */
  const submit = async (e) => {
    e.preventDefault();
    setError(null);
    const length = [...after].length;
    setWrong(length < 8 ? t('join.short', { n: length }) : '');
    if (length < 8) return;
    setBusy(true);
    try {
      await api.post('/me/password', { old: before, new: after });
      setBefore('');
      setAfter('');
      toast(t('me.passwordDone'), { kind: 'ok' });
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return html`<form class="stack" method="post" novalidate onSubmit=${submit}><h3>${t('me.password')}</h3>
    <input class="unseen" type="text" name="username" autocomplete="username" value=${person.value?.name}
      tabindex="-1" aria-hidden="true" readonly />
    <${FormError} error=${error} />
    <${PasswordField} label=${t('me.old')} autocomplete="current-password" value=${before} onvalue=${setBefore} />
    <${PasswordField} label=${t('me.new')} hint=${t('join.passwordHint')} error=${wrong} autocomplete="new-password"
      value=${after} onvalue=${setAfter} />
    <div><${Button} type="submit" busy=${busy} disabled=${!before || !after}>${t('me.change')}<//></div></form>`;
}

export function page() {
  const { data } = useLoad((signal) => api.get('/me', { signal }), []);
  const who = person.value;
  return html`<${Page} title=${t('me.title')} lead=${t('me.lead')} width="narrow"><div class="stack wide">
    <${Look} /><${Work} /><${Keys} />
    <section class="card stack" aria-labelledby="me-account"><h2 id="me-account">${t('me.account')}</h2>
      <p>${t('me.who', { name: who?.name ?? '', role: t(`role.${who?.role}`) })}
        ${data && html` <span class="muted">${t('me.answers', { n: data.answers })}</span>`}</p>
      <${Password} /></section>
  </div><//>`;
}

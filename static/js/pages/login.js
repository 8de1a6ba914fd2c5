// @ts-check
// Signing in.

import * as api from '../core/api.js';
import { t } from '../core/i18n.js';
import { navigate } from '../core/router.js';
import { home } from '../core/session.js';
import { outside, person, search } from '../core/store.js';
import { Icon, html, useEffect, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { SignInForm } from '../ui/signin.js';

/** Where to go after signing in: only to a path of this site. */
function target() {
  const next = new URLSearchParams(search.peek()).get('next') ?? '';
  return /^\/(?![/\\])/.test(next) ? next : home(person.peek()?.role);
}

/** The frame that signing in and joining share. @param {{title: string, children?: any}} props */
export function Door({ title, children }) {
  useEffect(() => { document.title = `${title} · Plumbline`; }, [title]);
  return html`<main class="door" id="main"><div class="door-box card">
    <p class="door-brand"><${Icon} name="mark" /><strong>Plumbline</strong>
      <span class="muted">${t('login.tagline')}</span></p>
    <h1 tabindex="-1">${title}</h1>${children}</div></main>`;
}

export function page() {
  const [needsAdmin, setNeedsAdmin] = useState(false);
  useEffect(() => {
    if (person.peek()) {
      navigate(target(), { replace: true });
      return;
    }
    api.get('/setup', { quiet: true }).then((s) => setNeedsAdmin(Boolean(s.needs_admin)), () => {});
  }, []);
  return html`<${Door} title=${t('login.title')}>
    ${outside.value && html`<${Notice} kind="warn" role="alert">${outside.value}<//>`}
    ${needsAdmin && html`<${Notice}>${t('login.needsAdmin')}<//>`}
    <${SignInForm} ondone=${() => navigate(target(), { replace: true })} />
    <p class="meta">${t('login.trouble')}</p><//>`;
}

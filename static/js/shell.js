// @ts-check
// The frame around every page: top bar, offline strip, dialogs, notes; and which page is shown.

import { announce } from './core/announce.js';
import { t } from './core/i18n.js';
import { navigate, onNavigate } from './core/router.js';
import { hasRole, home, savePreferences, signOut } from './core/session.js';
import { expired, online, path, person, preferences, search, storage, waiting } from './core/store.js';
import { findRoute } from './routes.js';
import { IconButton } from './ui/button.js';
import { Dialog, Questions, confirm } from './ui/dialog.js';
import { Icon, html, useEffect, useState } from './ui/html.js';
import { Menu } from './ui/menu.js';
import { SignInForm } from './ui/signin.js';
import { Failed, Forbidden, Loading, NotFound, Page } from './ui/state.js';
import { Toasts, toastError } from './ui/toast.js';

/** @type {{href: string, text: string, role?: import('./core/session.js').Role}[]} */
const NAV = [
  { href: '/tasks', text: 'nav.tasks' },
  { href: '/jobs', text: 'nav.jobs', role: 'reviewer' },
  { href: '/people', text: 'nav.people', role: 'lead' },
  { href: '/admin', text: 'nav.admin', role: 'admin' },
];

async function leave() {
  if (waiting.peek()) {
    const really = await confirm({ title: t('signout.title', { n: waiting.peek() }),
      text: t('signout.text'), ok: t('signout.ok') });
    if (!really) return;
  }
  try {
    await signOut();
    navigate('/login');
  } catch (error) {
    toastError(error);
  }
}

/** The next look in the row auto, light, dark. */
function ThemeButton() {
  const theme = preferences.value.theme ?? 'auto';
  const next = /** @type {const} */ ({ auto: 'light', light: 'dark', dark: 'auto' })[theme];
  const icons = { auto: 'auto', light: 'sun', dark: 'moon' };
  const press = () => {
    savePreferences({ theme: next }).catch(toastError);
    announce(t(`theme.${next}`));
  };
  return html`<${IconButton} icon=${icons[theme]} label=${t('theme.button', { now: t(`theme.${theme}`) })}
    onclick=${press} />`;
}

/** The person's own menu: the same in the top bar and on the labelling screen. */
export function PersonMenu() {
  const who = person.value;
  if (!who) return null;
  const items = [
    { label: t('nav.me'), icon: 'settings', href: '/me' },
    { label: t('nav.keys'), icon: 'key', href: '/keys' },
    { label: t('nav.helpKeys'), icon: 'keyboard', href: '/help/keys' },
    null,
    { label: t('nav.signOut'), icon: 'out', run: leave },
  ];
  return html`<${Menu} label=${t('nav.person', { name: who.name })} icon="person"
    text=${html`<span class="clip person-name">${who.name}</span>`} items=${items} />`;
}

function TopBar() {
  const at = path.value;
  const links = NAV.filter((n) => !n.role || hasRole(n.role));
  return html`<header class="topbar">
    <a class="brand" href="/"><${Icon} name="mark" />Plumbline</a>
    <nav class="topnav" aria-label=${t('nav.main')}>${links.map((n) => html`<a href=${n.href}
      aria-current=${at === n.href || at.startsWith(`${n.href}/`) ? 'page' : undefined}>${t(n.text)}</a>`)}</nav>
    <div class="topbar-end"><${ThemeButton} />
      <a class="btn quiet square" href="/help/keys" aria-label=${t('nav.helpKeys')} title=${t('nav.helpKeys')}>
        <${Icon} name="help" /></a><${PersonMenu} /></div></header>`;
}

/** Says that the server is out of reach, or that nothing can be kept here. */
export function Strips() {
  if (!online.value) {
    return html`<div class="strip warn" role="status"><${Icon} name="alert" />
      <span>${t('offline.strip', { n: waiting.value })}</span></div>`;
  }
  if (!storage.value) {
    return html`<div class="strip warn" role="status"><${Icon} name="alert" />
      <span>${t('offline.noStorage')}</span></div>`;
  }
  return null;
}

/** @type {Map<any, any>} route -> component, once loaded */
const pages = new Map();

/** @param {import('./routes.js').Route} route */
function usePage(route) {
  const [, again] = useState(0);
  const [error, setError] = useState(/** @type {any} */ (null));
  useEffect(() => {
    setError(null);
    if (pages.has(route.load)) return undefined;
    let gone = false;
    route.load().then((module) => {
      pages.set(route.load, module.page);
      if (!gone) again((n) => n + 1);
    }, (problem) => { if (!gone) setError(problem); });
    return () => { gone = true; };
  }, [route]);
  return { Component: pages.get(route.load), error };
}

/** @param {{route: import('./routes.js').Route, params: any}} props */
function Routed({ route, params }) {
  const { Component, error } = usePage(route);
  useEffect(() => {
    if (!Component || route.bare) return;
    const active = document.activeElement;
    if (active && active !== document.body && document.getElementById('main')?.contains(active)) return;
    document.querySelector('h1')?.focus({ preventScroll: true });
  }, [Component, path.value]);
  if (error) {
    return html`<${Page} title=${t('state.failed')}><${Failed} error=${error}
      retry=${() => location.reload()} /><//>`;
  }
  if (!Component) return html`<main class="page" id="main"><${Loading} /></main>`;
  return html`<${Component} params=${params} />`;
}

/** @param {import('./core/session.js').Role | undefined} role */
function redirect(role) {
  const at = path.peek();
  if (!role) return at === '/' ? '/login' : `/login?next=${encodeURIComponent(at + search.peek())}`;
  return home(role);
}

/** @param {{error: any}} props error: the session could not be asked for */
export function Shell({ error }) {
  useEffect(() => onNavigate(() => {
    path.value = location.pathname;
    search.value = location.search;
    window.scrollTo(0, 0);
  }), []);
  const who = person.value;
  const found = findRoute(path.value);
  const open = Boolean(found?.route.open);
  const away = path.value === '/' ? who !== undefined : who === null && !open;
  useEffect(() => {
    // The path may have changed since this was drawn: signing out goes to /login by itself.
    if (!away || error || findRoute(path.peek())?.route.open) return;
    navigate(redirect(who?.role), { replace: true });
  }, [away, who, error]);

  const dialogs = html`<${Questions} /><${Toasts} />${expired.value && html`<${Dialog} keep look="slim"
    title=${t('login.again')}><div class="stack"><p>${t('login.againText')}</p>
    <${SignInForm} name=${who?.name} /></div><//>`}`;
  if (error) {
    return html`<div class="app"><${Page} title="Plumbline" width="narrow"><${Failed} error=${error}
      retry=${() => location.reload()} /><//></div>`;
  }
  if (away || (who === undefined && !open)) return html`<div class="app">${dialogs}</div>`;
  let body;
  if (!found) body = html`<${Page} title=${t('state.notFound')}><${NotFound} /><//>`;
  else if (found.route.role && !hasRole(found.route.role)) {
    body = html`<${Page} title=${t('state.forbidden')}><${Forbidden} role=${found.route.role} /><//>`;
  } else body = html`<${Routed} key=${found.route.load} route=${found.route} params=${found.params} />`;
  if (found?.route.bare) return html`${body}${dialogs}`;
  return html`<div class="app"><a class="skip" href="#main">${t('nav.skip')}</a>
    <${TopBar} /><${Strips} />${body}</div>${dialogs}`;
}

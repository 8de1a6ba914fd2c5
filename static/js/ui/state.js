// @ts-check
// What a page shows while it loads, when it is empty, and when it cannot be shown; and its frame.

import { ApiError } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Button } from './button.js';
import { Icon, cx, html, useCallback, useEffect, useRef, useState } from './html.js';

/**
 * Loads something for a component. `load(signal)` runs anew when `deps` change or reload() is
 * called; old data stays in sight meanwhile.
 * @param {(signal: AbortSignal) => Promise<any>} load @param {any[]} deps
 * @returns {{data: any, error: any, loading: boolean, reload: () => void, setData: (data: any) => void}}
 */
export function useLoad(load, deps) {
  const [state, setState] = useState({ data: /** @type {any} */ (undefined),
    error: /** @type {any} */ (null), loading: true });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((s) => ({ ...s, loading: true }));
    load(abort.signal).then(
      (data) => { if (!abort.signal.aborted) setState({ data, error: null, loading: false }); },
      (error) => { if (!abort.signal.aborted) setState((s) => ({ data: s.data, error, loading: false })); },
    );
    return () => abort.abort();
  }, [...deps, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const setData = useCallback((/** @type {any} */ data) => setState({ data, error: null, loading: false }), []);
  return { ...state, reload, setData };
}

/** The frame of a page: one h1, which takes the focus when the page opens.
 *  @param {{title: any, lead?: any, crumbs?: {href: string, label: any}[], actions?: any, width?: 'narrow' | 'wide' | '',
 *   children?: any, busy?: boolean}} props */
export function Page({ title, lead, crumbs, actions, width = '', children }) {
  useEffect(() => {
    if (typeof title === 'string') document.title = `${title} · Plumbline`;
  }, [title]);
  return html`<main class=${cx('page', width)} id="main">
    ${crumbs && html`<nav class="crumbs" aria-label=${t('nav.crumbs')}>${crumbs.map((c, i) => html`
      ${i > 0 && html`<span aria-hidden="true">/</span>`}<a href=${c.href}>${c.label}</a>`)}</nav>`}
    <div class="page-head"><div><h1 tabindex="-1">${title}</h1>${lead && html`<p class="muted">${lead}</p>`}</div>
      ${actions && html`<div class="row">${actions}</div>`}</div>
    ${children}</main>`;
}

/** Grey shapes of what comes, after 150 ms. @param {{lines?: number, line?: boolean}} props */
export function Loading({ lines = 3, line }) {
  return html`<div class="skeleton" role="status"><span class="unseen">${t('state.loading')}</span>
    ${Array.from({ length: lines }, () => html`<i class=${line ? 'line' : ''} />`)}</div>`;
}

/** @param {{icon?: string, title: string, children?: any, actions?: any}} props */
export function Empty({ icon = 'inbox', title, children, actions }) {
  return html`<div class="empty"><${Icon} name=${icon} /><h2>${title}</h2>
    ${children && html`<p class="muted">${children}</p>`}
    ${actions && html`<div class="row">${actions}</div>`}</div>`;
}

/** Something could not be loaded: says what, with an id to copy and Retry.
 *  @param {{error: any, retry?: () => void}} props */
export function Failed({ error, retry }) {
  const api = error instanceof ApiError;
  if (api && error.status === 403) return html`<${Forbidden} message=${error.message} />`;
  if (api && error.status === 404) return html`<${NotFound} message=${error.message} />`;
  const title = api && error.status === 0 ? t('state.unreached') : t('state.failed');
  return html`<div class="notice bad" role="alert"><${Icon} name="alert" /><div class="grow stack tight">
    <strong>${title}</strong><p class="wrap">${error?.message ?? String(error)}</p>
    ${api && error.id && html`<p class="meta">${t('state.errorId', { id: error.id })}</p>`}
    ${retry && html`<div><${Button} icon="retry" onclick=${retry}>${t('state.retry')}<//></div>`}</div></div>`;
}

/** @param {{message?: string, role?: string}} props role: the one that would be needed */
export function Forbidden({ message, role }) {
  return html`<${Empty} icon="lock" title=${t('state.forbidden')}>
    ${message ?? t('state.needsRole', { role: t(`role.${role}`) })} ${t('state.whoGrants')}<//>`;
}

/** @param {{message?: string}} props */
export function NotFound({ message }) {
  return html`<${Empty} icon="search" title=${t('state.notFound')}>${message ?? t('state.notFoundText')}
    <br /><a href="/">${t('state.toStart')}</a><//>`;
}

/** Moves the focus to a heading when a page opens, so that a screen reader starts there.
 *  @param {any} when changes with the page */
export function useHeadingFocus(when) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else document.querySelector('h1')?.focus({ preventScroll: true });
  }, [when]);
}

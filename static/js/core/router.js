// @ts-check
// Paths to pages. The first half is pure; the second half is the address bar.

/** @typedef {{[name: string]: string}} Params */

/**
 * Compiles "/jobs/:id/items/:item" to a test of paths. A name takes one part of the path.
 * @param {string} pattern @returns {(path: string) => Params | null}
 */
export function compile(pattern) {
  const parts = pattern.split('/').filter(Boolean);
  return (path) => {
    const given = path.split('/').filter(Boolean);
    if (given.length !== parts.length) return null;
    /** @type {Params} */
    const params = {};
    for (let i = 0; i < parts.length; i++) {
      if (!parts[i].startsWith(':')) {
        if (parts[i] !== given[i]) return null;
        continue;
      }
      try {
        params[parts[i].slice(1)] = decodeURIComponent(given[i]);
      } catch {
        return null;
      }
    }
    return params;
  };
}

/**
 * The first route that fits; put fixed paths before those with names.
 * @template {{path: string}} R @param {R[]} routes @returns {(path: string) => {route: R, params: Params} | null}
 */
export function matcher(routes) {
  const tests = routes.map((route) => ({ route, test: compile(route.path) }));
  return (path) => {
    for (const { route, test } of tests) {
      const params = test(path);
      if (params) return { route, params };
    }
    return null;
  };
}

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {(() => boolean) | null} asked before the path changes; false keeps the page */
let guard = null;

/** @param {() => void} listener called after every change of the address */
export function onNavigate(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {(() => boolean) | null} ask */
export function setGuard(ask) {
  guard = ask;
}

/** Goes to a path of this product. @param {string} to @param {{replace?: boolean, quiet?: boolean}} [how]
 *  quiet: the address changes, the page stays */
export function navigate(to, { replace = false, quiet = false } = {}) {
  if (!quiet && guard && !guard()) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  if (!quiet) for (const listener of listeners) listener();
}

/** Changes the query only: filters that should survive a reload. @param {{[name: string]: any}} values */
export function setQuery(values) {
  const kept = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== '');
  const text = new URLSearchParams(kept.map(([k, v]) => [k, String(v)])).toString();
  navigate(location.pathname + (text ? `?${text}` : ''), { replace: true });
}

/** @param {MouseEvent} event */
function follow(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey
      || event.altKey) return;
  const target = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(target instanceof HTMLAnchorElement) || target.target || target.hasAttribute('download')) return;
  if (target.origin !== location.origin) return;
  if (/^\/(api|s)\//.test(target.pathname)) return;
  if (target.hash && target.pathname === location.pathname) return;
  event.preventDefault();
  navigate(target.pathname + target.search + target.hash);
}

/** Makes links and Back stay inside the page. */
export function startRouter() {
  document.addEventListener('click', follow);
  window.addEventListener('popstate', () => {
    for (const listener of listeners) listener();
  });
}

// @ts-check
// The only file that calls fetch(). One shape of error, the CSRF token, and what happens on 401.

const ROOT = '/api/v1';

/** @type {string} */
let csrf = '';
/** @type {() => Promise<void>} asks for a sign-in; resolves when there is a session again */
let signIn = () => new Promise(() => {});
/** @type {() => Promise<void>} fetches the session anew, and with it the CSRF token */
let refresh = () => Promise.resolve();
/** @type {(up: boolean) => void} */
let network = () => {};

/** @param {string} token sent with every request that changes something */
export function setCsrf(token) {
  csrf = token;
}

/** @param {{signIn?: typeof signIn, refresh?: typeof refresh, network?: typeof network}} hooks */
export function setHooks(hooks) {
  signIn = hooks.signIn ?? signIn;
  refresh = hooks.refresh ?? refresh;
  network = hooks.network ?? network;
}

/** What went wrong, as the server says it; status 0 is "the server was not reached". */
export class ApiError extends Error {
  /** @param {number} status @param {{code?: string, message?: string, field?: string, id?: string}} body
   *  @param {number} [retryAfter] seconds */
  constructor(status, body, retryAfter = 0) {
    super(body.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? (status ? 'http' : 'network');
    this.field = body.field ?? '';
    this.id = body.id ?? '';
    this.retryAfter = retryAfter;
    /** @type {any} everything the server sent */
    this.body = body;
  }

  /** The server is there and can store nothing at the moment: a full or read-only disk, too much
   *  at once. */
  get unstored() {
    return this.status === 503 || this.status === 507;
  }

  /** The person is known, and not let in from the network this computer is in. */
  get outside() {
    return this.code === 'workforce.address';
  }

  /** Worth another try: the network (also: the wrong one), a busy server, a fault of the server. */
  get passing() {
    return this.status === 0 || this.outside || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} Options
 * @property {any} [body] sent as JSON, unless `type` is given
 * @property {string} [type] the content type of a body sent as it is (text, Blob)
 * @property {{[name: string]: string}} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] outlives the page
 * @property {boolean} [quiet] 401 is an error for the caller, and nobody is asked to sign in
 */

/** @param {Response} response */
async function failure(response) {
  const text = await response.text().catch(() => '');
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    body = { message: text.slice(0, 200) || response.statusText };
  }
  return new ApiError(response.status, body, Number(response.headers.get('Retry-After')) || 0);
}

/** @param {string} method @param {string} path @param {Options} options @returns {Promise<Response>} */
async function once(method, path, options) {
  /** @type {{[name: string]: string}} */
  const headers = { Accept: 'application/json', ...options.headers };
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let body = options.body;
  if (body !== undefined && options.type) headers['Content-Type'] = options.type;
  else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  const { signal, keepalive } = options;
  let response;
  try {
    response = await fetch(ROOT + path, {
      method, headers, body, signal, keepalive, credentials: 'same-origin', cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    network(false);
    throw new ApiError(0, { message: 'The server cannot be reached.' });
  }
  network(true);
  if (!response.ok) throw await failure(response);
  return response;
}

/**
 * One request. 401 asks for a sign-in and tries again (unless `quiet`); an outworn CSRF token is
 * renewed once.
 * @param {string} method @param {string} path from /api/v1 on @param {Options} [options]
 * @returns {Promise<any>} the JSON, or undefined for 204
 */
export async function request(method, path, options = {}) {
  let response;
  try {
    response = await once(method, path, options);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'csrf.invalid') await refresh();
    else if (error.code === 'session.required' && !options.quiet) await signIn();
    else throw error;
    response = await once(method, path, options);
  }
  if (response.status === 204) return undefined;
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
}

/** @param {string} path @param {Options} [options] */
export const get = (path, options) => request('GET', path, options);
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const post = (path, body, options) => request('POST', path, { ...options, body });
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const put = (path, body, options) => request('PUT', path, { ...options, body });
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const patch = (path, body, options) => request('PATCH', path, { ...options, body });
/** @param {string} path @param {Options} [options] */
export const del = (path, options) => request('DELETE', path, options);

/** The bytes behind an address of this site: images, which are immutable and may come from the
 *  browser's cache. @param {string} address */
export async function blob(address) {
  let response;
  try {
    response = await fetch(address, { credentials: 'same-origin' });
  } catch {
    throw new ApiError(0, { message: 'The server cannot be reached.' });
  }
  if (!response.ok) throw await failure(response);
  return response.blob();
}

/** A path with its parts escaped: url`/jobs/${name}/items`. @param {TemplateStringsArray} parts
 *  @param {(string | number)[]} values */
export function url(parts, ...values) {
  return parts.reduce((all, part, i) => all + encodeURIComponent(values[i - 1]) + part);
}

/** ?a=1&b=2 of what is neither undefined nor empty. @param {{[name: string]: any}} values */
export function query(values) {
  const kept = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== '');
  return kept.length ? `?${new URLSearchParams(kept.map(([k, v]) => [k, String(v)]))}` : '';
}

/**
 * Sends bytes and tells how far they are; fetch cannot. Same errors as request().
 * @param {string} path @param {Blob} blob @param {{type?: string, signal?: AbortSignal,
 *  progress?: (sent: number, total: number) => void}} [options]
 * @returns {Promise<any>}
 */
export function upload(path, blob, options = {}) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', ROOT + path);
    xhr.setRequestHeader('X-CSRF-Token', csrf);
    xhr.setRequestHeader('Content-Type', options.type || blob.type || 'application/octet-stream');
    xhr.upload.onprogress = (e) => options.progress?.(e.loaded, e.total);
    xhr.onerror = () => reject(new ApiError(0, { message: 'The server cannot be reached.' }));
    xhr.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    xhr.onload = () => {
      let body = {};
      try {
        body = JSON.parse(xhr.responseText || '{}');
      } catch {
        body = { message: xhr.responseText.slice(0, 200) };
      }
      if (xhr.status >= 200 && xhr.status < 300) resolve(body);
      else reject(new ApiError(xhr.status, body, Number(xhr.getResponseHeader('Retry-After')) || 0));
    };
    options.signal?.addEventListener('abort', () => xhr.abort());
    xhr.send(blob);
  });
}

/** The address of something that a link or an image loads itself. @param {string} path */
export const address = (path) => ROOT + path;

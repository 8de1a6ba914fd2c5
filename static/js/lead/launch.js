// @ts-check
// From a finished draft to a running job: make the job, send the data, wait for the imports, start.
// Whatever fails keeps what was reached; going on again skips what the server already has. The
// requests are given from outside, so that every failure can be tried under Node.

import { jobRequest } from './draft.js';
import { textToJsonLines } from './manifest.js';

/** @typedef {{key: string, name: string, kind: 'items'|'file'|'bucket', type: string, size:
 *  number, body: () => Promise<Blob>}} Part */
/** @typedef {{file: string, line?: number, code: string, message: string}} Refusal */
/**
 * @typedef {object} Requests
 * @property {(body: object) => Promise<{id: string}>} create
 * @property {(job: string, part: Part, blob: Blob, progress: (sent: number) => void, signal:
 *  AbortSignal) => Promise<any>} send
 *   gives an Import for items and for a bucket, whose name is its address; {item, added} for a file
 * @property {(job: string, id: string) => Promise<any>} readImport
 * @property {(job: string) => Promise<any>} start
 * @property {(job: string) => Promise<{state: string}>} read
 * @property {(ms: number) => Promise<void>} wait
 */
/** @typedef {'idle'|'creating'|'sending'|'refused'|'starting'|'done'|'failed'} Phase */

const AT_ONCE = 3;
const TRIES = 4;
const REFUSALS = 500;   // kept for the page; the number itself is always right

export class Launch {
  /** @type {Phase} */
  phase = 'idle';
  /** @type {any} the error that stopped it */
  error = null;
  /** @type {Refusal[]} */
  refusals = [];
  refused = 0;
  added = 0;
  repeated = 0;
  sentBytes = 0;
  totalBytes = 0;
  sentParts = 0;
  /** @type {any} the import on the server that is waited for */
  importing = null;
  /** @type {Map<string, number>} bytes of the parts under way */
  #underWay = new Map();
  #abort = new AbortController();

  /**
   * @param {import('./draft.js').Draft} draft
   * @param {Part[]} parts
   * @param {Requests} requests
   * @param {(change: Partial<import('./draft.js').Draft>) => void} keep called when something was
   *  reached
   * @param {() => void} changed called after each change of this object
   */
  constructor(draft, parts, requests, keep, changed) {
    this.job = draft.job;
    this.sent = new Set(draft.sent);
    /** "key id" of the import from a bucket that was begun: it runs on without this page */
    this.reading = draft.reading;
    this.draft = draft;
    this.parts = parts;
    this.requests = requests;
    this.keep = keep;
    this.changed = changed;
    this.totalBytes = parts.reduce((sum, p) => sum + p.size, 0);
    for (const part of parts) if (this.sent.has(part.key)) this.#count(part);
  }

  /** Bytes that are on the server or on the way, of totalBytes. */
  get bytes() {
    let sum = this.sentBytes;
    for (const sent of this.#underWay.values()) sum += sent;
    return Math.min(sum, this.totalBytes);
  }

  /** Does what is still to be done, up to the start; stops at "refused" when lines were refused. */
  async go() {
    this.error = null;
    this.#abort = new AbortController();
    try {
      if (!this.job) {
        this.#phase('creating');
        const job = await this.#again(() => this.requests.create(jobRequest(this.draft)));
        this.job = job.id;
        this.keep({ job: job.id });
      }
      this.#phase('sending');
      await this.#sendAll();
      if (this.refused) return this.#phase('refused');
      await this.start();
    } catch (error) {
      this.error = error;
      this.#phase('failed');
    }
  }

  /** The last step; also for "start anyway" after lines were refused. */
  async start() {
    this.error = null;
    this.#phase('starting');
    try {
      await this.#again(() => this.requests.start(this.job));
      this.#phase('done');
    } catch (error) {
      // The answer to an earlier try may have been lost: a job that runs has been started.
      const now = await this.requests.read(this.job).catch(() => null);
      if (now && now.state !== 'initializing') return this.#phase('done');
      this.error = error;
      this.#phase('failed');
    }
  }

  stop() { this.#abort.abort(); }

  async #sendAll() {
    const queue = this.parts.filter(p => !this.sent.has(p.key));
    let failure = /** @type {any} */ (null);
    const worker = async () => {
      for (let part = queue.shift(); part && !failure; part = queue.shift()) {
        try { await this.#sendOne(part); } catch (error) { failure ??= error; }
      }
    };
    // Manifests go one after another, so that their lines keep their order; images side by side.
    const lanes = queue.some(p => p.kind !== 'file') ? 1 : AT_ONCE;
    await Promise.all(Array.from({ length: lanes }, worker));
    if (failure) throw failure;
  }

  /** @param {Part} part */
  async #sendOne(part) {
    const blob = await part.body();
    const [begun, id] = splitLast(this.reading);
    try {
      const got = await this.#again(() => begun === part.key
        ? this.requests.readImport(this.job, id)
        : this.requests.send(this.job, part, blob, sent => {
          this.#underWay.set(part.key, Math.min(sent, part.size));
          this.changed();
        }, this.#abort.signal));
      if (part.kind === 'bucket') this.#begun(part, got);
      if (part.kind !== 'file') await this.#finishImport(part, got);
      else if (got.added === false) this.repeated++;
      else this.added++;
    } catch (error) {
      const { status, code, message } = /** @type {any} */ (error);
      // A single picture that cannot be read does not stop the others.
      if (part.kind !== 'file' || (status !== 422 && status !== 413)) throw error;
      this.#refuse({ file: part.name, code, message });
    } finally {
      this.#underWay.delete(part.key);
    }
    this.sent.add(part.key);
    this.#count(part);
    this.keep({ sent: [...this.sent] });
    this.changed();
  }

  /** A failed import is begun anew by the next try. @param {Part} part @param {any} got */
  #begun(part, got) {
    this.reading = got.state === 'failed' ? '' : `${part.key} ${got.id}`;
    this.keep({ reading: this.reading });
  }

  /** @param {Part} part @param {any} got */
  async #finishImport(part, got) {
    for (let ms = 200; got.state === 'running'; ms = Math.min(2000, ms * 1.6)) {
      await this.requests.wait(ms);
      if (this.#abort.signal.aborted) throw new DOMException('stopped', 'AbortError');
      got = await this.#again(() => this.requests.readImport(this.job, got.id));
      this.importing = got.state === 'running' ? got : null;
      this.changed();
    }
    if (part.kind === 'bucket') this.#begun(part, got);
    if (got.state === 'failed' && !got.lines) throw Object.assign(new Error(got.message
      || 'import failed'), { code: 'import.failed' });
    this.added += got.added;
    this.repeated += got.duplicates;
    for (const e of got.errors ?? []) this.#refuse({ file: part.name, ...e }, 0);
    this.refused += got.failed;
  }

  /** @param {Refusal} refusal @param {number} [n] */
  #refuse(refusal, n = 1) {
    if (this.refusals.length < REFUSALS) this.refusals.push(refusal);
    this.refused += n;
  }

  /** @param {Part} part */
  #count(part) { this.sentBytes += part.size; this.sentParts++; }

  /** @param {Phase} phase */
  #phase(phase) { this.phase = phase; this.changed(); }

  /**
   * Tries again what may pass by itself: a lost connection, a busy server.
   * @template T @param {() => Promise<T>} act @returns {Promise<T>}
   */
  async #again(act) {
    for (let n = 1; ; n++) {
      try { return await act(); } catch (error) {
        const { passing, retryAfter } = /** @type {any} */ (error);
        if (!passing || n >= TRIES || this.#abort.signal.aborted) throw error;
        await this.requests.wait((retryAfter || 2 ** (n - 1)) * 1000);
      }
    }
  }
}

/**
 * What is to be sent for a draft: the pasted texts, then the files in their order.
 * @param {import('./draft.js').Draft} draft
 * @param {(name: string) => Blob | undefined} blobOf
 * @returns {Part[]}
 */
export function partsOf(draft, blobOf) {
  /** @type {Part[]} */
  const parts = [];
  if (draft.pasted.trim()) {
    const blob = new Blob([textToJsonLines(draft.pasted)]);
    parts.push({ key: `pasted:${blob.size}:${hash(draft.pasted)}`, name: 'pasted', kind: 'items',
      type: 'application/x-ndjson', size: blob.size, body: async () => blob });
  }
  for (const file of draft.files) {
    const blob = blobOf(file.name);
    if (!blob) continue;
    const lines = file.kind === 'text' && draft.textFiles === 'lines';
    const items = file.kind === 'manifest' || file.kind === 'csv' || lines;
    parts.push({ key: `${file.name}:${file.size}`, name: file.name, kind: items ? 'items' : 'file',
      type: file.kind === 'csv' ? 'text/csv' : items ? 'application/x-ndjson' : blob.type
        || 'application/octet-stream',
      size: blob.size,
      body: async () => lines ? new Blob([textToJsonLines(await blob.text())]) : blob });
  }
  const uri = draft.bucket.trim();
  if (uri) {
    parts.push({ key: `bucket:${uri}`, name: uri, kind: 'bucket', type: '', size: 0,
      body: async () => new Blob([]) });
  }
  return parts;
}

/** @param {string} text @returns {[string, string]} what is before its last space, and behind it */
function splitLast(text) {
  const at = text.lastIndexOf(' ');
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
}

/** A short name for a text, to know whether it is the same one. @param {string} text */
function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return (h >>> 0).toString(36);
}

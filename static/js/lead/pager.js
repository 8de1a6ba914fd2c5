// @ts-check
// A long list that is read page by page as somebody scrolls (keyset paging: a page is asked for by
// where the last one ended). Rows that are not read yet have no content but the list may know how
// many there are. The page subscribes to changes; nothing here draws.

const ENOUGH = 20;   // rows found by a search before it waits to be asked for more

/**
 * @template Row
 */
export class Pager {
  /** @type {Row[]} */
  rows = [];
  /** @type {'idle'|'loading'|'failed'|'end'} */
  state = 'idle';
  /** @type {any} */
  error = null;
  /** How many lines a search has looked at; 0 when nobody has to know. */
  reached = 0;
  #after = '';
  #run = 0;
  /** @type {(after: string, signal: AbortSignal) => Promise<{rows: Row[], next?: string, reached?:
   *  number}>} */
  #read;
  /** @type {() => void} */
  #changed;
  /** @type {AbortController | null} */
  #abort = null;

  /**
   * @param {(after: string, signal: AbortSignal) => Promise<{rows: Row[], next?: string, reached?:
   *  number}>} read
   * @param {() => void} changed called after each change
   */
  constructor(read, changed) { this.#read = read; this.#changed = changed; }

  /** Reads the next page unless one is under way or there is none. A page that is not full though
   *  there is more (the service looks only so far at a time) is read on until something is found. */
  async more() {
    if (this.state === 'loading' || this.state === 'end') return;
    const run = ++this.#run;
    this.state = 'loading';
    this.error = null;
    this.#abort = new AbortController();
    this.#changed();
    try {
      for (let found = 0, more = true; more;) {
        const page = await this.#read(this.#after, this.#abort.signal);
        if (run !== this.#run) return;
        this.rows = this.rows.concat(page.rows);
        this.#after = page.next ?? '';
        this.reached = page.reached ?? 0;
        found += page.rows.length;
        more = Boolean(page.next && page.reached !== undefined && found < ENOUGH);
        if (more) this.#changed();
        else this.state = page.next ? 'idle' : 'end';
      }
    } catch (error) {
      if (run !== this.#run) return;
      this.state = 'failed';
      this.error = error;
    }
    this.#changed();
  }

  /** Reads pages until so many rows are there. @param {number} count */
  async upTo(count) {
    while (this.rows.length < count && this.state === 'idle') await this.more();
  }

  /** Stops what is under way; an answer that still comes is dropped. */
  stop() {
    this.#run++;
    this.#abort?.abort();
    if (this.state === 'loading') this.state = 'idle';
  }
}

/**
 * Which rows of a list of equal rows are on the screen, with some before and after.
 * @param {{scroll: number, height: number, row: number, count: number, columns: number, spare?:
 *  number}} view
 *        scroll and height in pixels, row: one row's height
 * @returns {{from: number, to: number, before: number, after: number}} items from..to-1; pixels
 *  left empty before and after
 */
export function windowOf({ scroll, height, row, count, columns, spare = 1 }) {
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.min(rows - 1, Math.floor(scroll / row) - spare));
  const last = Math.max(first, Math.min(rows, Math.ceil((scroll + height) / row) + spare));
  return { from: Math.max(0, first) * columns, to: Math.min(count, last * columns),
    before: Math.max(0, first) * row, after: Math.max(0, rows - last) * row };
}

// @ts-check
// How long to wait before a picture is asked for again: at once the first time, since the failure
// may be an old one, of the time when the task was made ready; then ever longer.

const FIRST = 2000;   // ms
const MOST = 30000;

export class Patience {
  /** @param {() => number} [random] 0…1 */
  constructor(random = Math.random) {
    this.random = random;
    this.tries = 0;
  }

  /** ms until the next try. @param {{retryAfter?: number}} error as the server gave it, in seconds */
  next({ retryAfter = 0 }) {
    const n = this.tries++;
    if (n === 0) return 0;
    const own = Math.min(MOST, FIRST * 2 ** (n - 1));
    // Many people wait for the same bucket: they do not come back in step.
    return Math.round(Math.max(own * (0.8 + 0.4 * this.random()),
      Math.min(MOST, 1000 * retryAfter)));
  }
}

// @ts-check
// How long something still takes, by how fast it went since we began to look.

const EARLY = 1000;   // ms before a guess is worth showing

export class Pace {
  /** @param {() => number} [now] ms, never going back */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.began = NaN;
    this.first = 0;
  }

  /** ms left, or null while that cannot be told. @param {number} done @param {number} all */
  left(done, all) {
    if (Number.isNaN(this.began)) {
      this.began = this.now();
      this.first = done;
    }
    const took = this.now() - this.began;
    if (took < EARLY || done <= this.first || done >= all) return null;
    return (took * (all - done)) / (done - this.first);
  }
}

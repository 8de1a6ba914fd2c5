// @ts-check
// How long somebody took: elapsed is the wall, active counts only while there was input within the
// idle limit (30 s for images, 120 s for text) and the tab was in sight.

export class ActiveTime {
  /** @param {number} idle ms without input after which time no longer counts
   *  @param {() => number} [now] ms, never going back */
  constructor(idle, now = () => performance.now()) {
    this.idle = idle;
    this.now = now;
    this.began = now();
    this.touched = this.began;
    this.active = 0;
    this.visible = true;
  }

  /** A new task is in front of the person. */
  start() {
    this.began = this.now();
    this.touched = this.began;
    this.active = 0;
  }

  /** Input, or anything else that shows somebody is there. */
  touch() {
    if (!this.visible) return;
    const now = this.now();
    this.active += Math.min(now - this.touched, this.idle);
    this.touched = now;
  }

  /** @param {boolean} visible whether the tab is in sight now */
  show(visible) {
    if (visible === this.visible) return;
    if (this.visible) this.touch();
    this.visible = visible;
    this.touched = this.now();
  }

  /** Whether somebody was there within the idle limit. */
  get present() {
    return this.visible && this.now() - this.touched < this.idle;
  }

  /** @returns {{elapsed_ms: number, active_ms: number}} as they travel with the answer */
  read() {
    this.touch();
    return { elapsed_ms: Math.round(this.now() - this.began), active_ms: Math.round(this.active) };
  }
}

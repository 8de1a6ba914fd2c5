// @ts-check
// The surface for images: one canvas and a camera. Draws on its own frames, outside Preact.

import { fit, held, middle, toImage, zoomAt } from './camera.js';

const STEP = 1.2;

/** @typedef {{width: number, height: number, preview: ImageBitmap, full?: ImageBitmap,
 *  loadFull?: () => Promise<ImageBitmap>, loading?: boolean}} Picture */

export class ImageSurface {
  /** @param {HTMLElement} el @param {string} label @param {{wheel?: 'zoom' | 'pan', onview?: (text: number) => void}} how
   *  onview: the scale has changed */
  constructor(el, label, how = {}) {
    this.el = el;
    this.how = how;
    el.className = 'surface image-surface';
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-label', label);
    el.replaceChildren(this.canvas);
    /** @type {Picture | null} */
    this.picture = null;
    this.camera = { scale: 1, x: 0, y: 0 };
    this.mode = 'fit';
    this.view = { width: 1, height: 1 };
    /** @type {Map<number, {x: number, y: number}>} pointers that are down */
    this.down = new Map();
    this.frame = 0;
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(el);
    this.listen();
    this.resize();
  }

  listen() {
    const c = this.canvas;
    c.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    c.addEventListener('pointerdown', (e) => {
      c.setPointerCapture(e.pointerId);
      this.down.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
    });
    c.addEventListener('pointermove', (e) => this.move(e));
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
      c.addEventListener(end, (e) => this.down.delete(e.pointerId));
    }
    c.addEventListener('dblclick', (e) => this.command('view', e.offsetX, e.offsetY));
    c.addEventListener('keydown', (e) => this.key(e));
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    const far = e.shiftKey ? 200 : 40;
    /** @type {{[key: string]: [number, number]}} */
    const ways = { ArrowLeft: [far, 0], ArrowRight: [-far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] };
    const way = ways[e.key];
    if (!way || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    this.pan(...way);
  }

  /** @param {WheelEvent} e */
  wheel(e) {
    e.preventDefault();
    // A mouse wheel moves in large even steps up and down; two fingers move by little and both ways.
    const fingers = e.deltaMode === 0 && (e.deltaX !== 0 || Math.abs(e.deltaY) < 40);
    const pans = !e.ctrlKey && (this.how.wheel === 'pan' || (this.how.wheel !== 'zoom' && fingers));
    if (pans) this.pan(-e.deltaX, -e.deltaY);
    else this.zoom(e.ctrlKey ? Math.exp(-e.deltaY / 100) : e.deltaY < 0 ? STEP : 1 / STEP, e.offsetX, e.offsetY);
  }

  /** @param {PointerEvent} e */
  move(e) {
    const before = this.down.get(e.pointerId);
    if (!before) return;
    const now = { x: e.offsetX, y: e.offsetY };
    const other = [...this.down].find(([id]) => id !== e.pointerId)?.[1];
    if (other) {
      const far = (/** @type {{x: number, y: number}} */ p) => Math.hypot(p.x - other.x, p.y - other.y);
      this.zoom(far(now) / Math.max(1, far(before)), (now.x + other.x) / 2, (now.y + other.y) / 2);
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else this.pan(now.x - before.x, now.y - before.y);
    this.down.set(e.pointerId, now);
  }

  resize() {
    const box = this.el.getBoundingClientRect();
    this.view = { width: Math.max(1, box.width), height: Math.max(1, box.height) };
    const dpr = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.view.width * dpr);
    this.canvas.height = Math.round(this.view.height * dpr);
    if (this.mode === 'fit') this.fit();
    else this.paint();
  }

  /** @param {Picture} picture */
  show(picture) {
    this.picture = picture;
    this.fit();
    this.draw();   // at once: the swap must not wait for a frame
  }

  fit() {
    this.mode = 'fit';
    if (this.picture) this.look(fit(this.picture, this.view));
  }

  /** @param {import('./camera.js').Camera} camera */
  look(camera) {
    this.camera = this.picture ? held(camera, this.picture, this.view) : camera;
    this.how.onview?.(this.camera.scale);
    this.paint();
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.mode = 'free';
    this.look({ ...this.camera, x: this.camera.x + dx, y: this.camera.y + dy });
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] the middle when absent */
  zoom(factor, x = this.view.width / 2, y = this.view.height / 2) {
    this.mode = 'free';
    this.look(zoomAt(this.camera, factor, x, y));
  }

  /** A command of the keyboard. @param {string} command @param {number} [x] @param {number} [y]
   *  @returns {boolean} whether it was one for images */
  command(command, x, y) {
    if (command === 'zoomIn' || command === 'bigger') this.zoom(STEP, x, y);
    else if (command === 'zoomOut' || command === 'smaller') this.zoom(1 / STEP, x, y);
    else if (command !== 'view' || !this.picture) return false;
    else if (this.mode === 'fit' && Math.abs(this.camera.scale - 1) > 1e-6) {
      const at = toImage(this.camera, x ?? this.view.width / 2, y ?? this.view.height / 2);
      this.mode = 'one';
      this.look(x === undefined ? middle(this.picture, this.view, 1)
        : { scale: 1, x: x - at.x, y: (y ?? 0) - at.y });
    } else this.fit();
    return true;
  }

  paint() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const g = this.canvas.getContext('2d');
    const p = this.picture;
    if (!g) return;
    const dpr = window.devicePixelRatio || 1;
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!p) return;
    const { scale, x, y } = this.camera;
    const bitmap = p.full ?? p.preview;
    if (bitmap.width === 0) return;   // closed: its task has been answered, the next one follows
    // From two screen pixels per image pixel on, pixels are shown as they are.
    g.imageSmoothingEnabled = scale * dpr < 2;
    g.imageSmoothingQuality = 'high';
    g.setTransform(dpr, 0, 0, dpr, 0, 0);
    g.drawImage(bitmap, x, y, p.width * scale, p.height * scale);
    if (!p.full && p.loadFull && scale * dpr > p.preview.width / p.width) this.sharpen(p);
  }

  /** The full image, once the preview is shown larger than it is. @param {Picture} p */
  async sharpen(p) {
    if (p.loading || !p.loadFull) return;
    p.loading = true;
    try {
      const full = await p.loadFull();
      if (this.picture !== p) full.close();
      else {
        p.full = full;
        this.paint();
      }
    } catch {
      p.loading = false;   // the preview stays; the next zoom tries again
    }
  }

  clear() {
    this.picture = null;
    this.paint();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.watch.disconnect();
    this.el.replaceChildren();
  }
}

// @ts-check
// From the type of a job to what is on the screen: how a task is made ready ahead of time, and the
// surface that shows it.

import * as api from '../core/api.js';
import { t } from '../core/i18n.js';
import { ImageSurface } from '../image/view.js';
import { TextSurface, drawText } from '../text/view.js';

/** @typedef {import('../types.js').Task} Task */

/**
 * @typedef {object} Kind
 * @property {'text' | 'image'} surface
 * @property {number} idle ms without input that still count as work
 * @property {(task: Task) => Promise<any>} prepare loads and decodes
 * @property {(ready: any) => void} discard
 * @property {(el: HTMLElement, how: any) => TextSurface | ImageSurface} mount
 */

/** @param {string} url @returns {Promise<ImageBitmap>} */
async function bitmap(url) {
  return createImageBitmap(await api.blob(url));
}

/**
 * The picture itself. A link into a bucket ends some time, and the bucket may not let this browser
 * read it: this service has the picture too.
 * @param {Task} task @param {string} url
 */
async function original(task, url) {
  try {
    return await bitmap(url);
  } catch (error) {
    if (url.startsWith('/')) throw error;
    return bitmap(api.address(api.url`/items/${task.item}/media`));
  }
}

/** @param {Task} task */
async function prepareImage(task) {
  const media = task.media;
  if (!media) throw new Error(t('label.noMedia'));
  const { width, height } = media;
  // Up to the size of a preview the image itself is the better preview.
  const small = Math.max(width, height) <= 1600 || !media.preview;
  const preview = await (small ? original(task, media.url) : bitmap(media.preview));
  const loadFull = small ? undefined : () => original(task, media.url);
  return { width: width || preview.width, height: height || preview.height, preview, loadFull };
}

/** @type {Kind} */
const image = {
  surface: 'image',
  idle: 30000,
  prepare: prepareImage,
  discard: (ready) => {
    ready.preview?.close();
    ready.full?.close();
  },
  mount: (el, how) => new ImageSurface(el, t('label.imageSurface'), how),
};

/** @type {Kind} */
const text = {
  surface: 'text',
  idle: 120000,
  prepare: async (task) => drawText(task.source ?? ''),
  discard: () => {},
  mount: (el) => new TextSurface(el, t('label.textSurface')),
};

/** @type {{[type: string]: Kind}} */
const KINDS = { 'image-classification': image, 'text-classification': text };

/** @param {string} type @returns {Kind | undefined} undefined: this program cannot show such jobs */
export function kindOf(type) {
  return KINDS[type];
}

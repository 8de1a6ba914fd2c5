// @ts-check
// Where an image is on the screen. Screen pixels = image pixels × scale + (x, y). Pure.

export const LEAST = 1 / 16;   // screen pixels per image pixel
export const MOST = 32;
const FIT_MOST = 12;           // a tiny picture is not blown up to a few giant squares

/** @typedef {{scale: number, x: number, y: number}} Camera  x, y: the image's corner on the screen */
/** @typedef {{width: number, height: number}} Size */

/** @param {number} v @param {number} a @param {number} b */
const clamp = (v, a, b) => Math.min(Math.max(v, a), b);

/** The whole image in the middle. @param {Size} image @param {Size} view @param {number} [margin] @returns {Camera} */
export function fit(image, view, margin = 8) {
  const room = { width: Math.max(1, view.width - 2 * margin), height: Math.max(1, view.height - 2 * margin) };
  const scale = Math.min(room.width / image.width, room.height / image.height, FIT_MOST);
  return middle(image, view, scale);
}

/** @param {Size} image @param {Size} view @param {number} scale @returns {Camera} */
export function middle(image, view, scale) {
  return { scale, x: (view.width - image.width * scale) / 2, y: (view.height - image.height * scale) / 2 };
}

/** Zooms so that the point under (x, y) stays there. @param {Camera} camera @param {number} factor
 *  @param {number} x @param {number} y @returns {Camera} */
export function zoomAt(camera, factor, x, y) {
  const least = Math.min(LEAST, camera.scale);
  const scale = clamp(camera.scale * factor, least, MOST);
  const f = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * f, y: y - (y - camera.y) * f };
}

/** Keeps at least half of the view's smaller part over the image, so that edges can be reached and
 *  the image cannot be lost. @param {Camera} camera @param {Size} image @param {Size} view @returns {Camera} */
export function held(camera, image, view) {
  const w = image.width * camera.scale;
  const h = image.height * camera.scale;
  return { scale: camera.scale,
    x: clamp(camera.x, Math.min(view.width / 2 - w, view.width - w), Math.max(view.width / 2, 0)),
    y: clamp(camera.y, Math.min(view.height / 2 - h, view.height - h), Math.max(view.height / 2, 0)) };
}

/** A point of the screen in the image. @param {Camera} camera @param {number} x @param {number} y */
export function toImage(camera, x, y) {
  return { x: (x - camera.x) / camera.scale, y: (y - camera.y) / camera.scale };
}

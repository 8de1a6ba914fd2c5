// @ts-check
// Choosing files: by button, as a folder, or dropped. Gives each with its path inside the folder.

import { Button } from '../ui/button.js';
import { cx, html, useRef, useState } from '../ui/html.js';
import { fileKind, HEAD_BYTES, lookAt } from './manifest.js';
import { t } from './words.js';

/** @typedef {{name: string, file: File}} Picked */

const ACCEPT = '.jsonl,.ndjson,.manifest,.json,.csv,.txt,.jpg,.jpeg,.png';

/** All files below what was dropped. @param {DataTransfer} data @returns {Promise<Picked[]>} */
async function dropped(data) {
  /** @type {Picked[]} */
  const out = [];
  const entries = [...data.items].map((i) => i.webkitGetAsEntry?.()).filter((e) => e !== null
    && e !== undefined);
  if (!entries.length) return [...data.files].map((file) => ({ name: file.name, file }));
  /** @param {any} entry */
  const walk = async (entry) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      out.push({ name: entry.fullPath.replace(/^\//, ''), file });
      return;
    }
    const reader = entry.createReader();
    for (;;) {   // a folder is told in pieces of a hundred
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) break;
      for (const one of some) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return out;
}

/** @param {{onfiles: (files: Picked[]) => void, busy?: boolean}} props */
export function FilePicker({ onfiles, busy }) {
  const [over, setOver] = useState(false);
  const choose = useRef(/** @type {HTMLInputElement | null} */ (null));
  const folder = useRef(/** @type {HTMLInputElement | null} */ (null));
  const picked = (/** @type {Event} */ e) => {
    const input = /** @type {HTMLInputElement} */ (e.target);
    const files = [...input.files ?? []].map((file) =>
      ({ name: file.webkitRelativePath || file.name, file }));
    input.value = '';
    if (files.length) onfiles(files);
  };
  const drop = (/** @type {DragEvent} */ e) => {
    e.preventDefault();
    setOver(false);
    if (e.dataTransfer) dropped(e.dataTransfer).then((files) => { if (files.length) onfiles(files); });
  };
  return html`<div class=${cx('drop', over && 'over')} onDrop=${drop}
    onDragLeave=${() => setOver(false)}
      onDragOver=${(/** @type {DragEvent} */ e) => { e.preventDefault(); setOver(true); }}>
    <p><b>${t('pick.drop')}</b></p><p class="meta">${t('pick.kinds')}</p>
    <div class="row"><${Button} kind="main" icon="upload" busy=${busy}
      onclick=${() => choose.current?.click()}>${t('pick.files')}<//>
      <${Button} onclick=${() => folder.current?.click()} disabled=${busy}>${t('pick.folder')}<//>
        </div>
    <input ref=${choose} type="file" multiple accept=${ACCEPT} hidden aria-label=${t('pick.files')}
      onChange=${picked} />
    <input ref=${folder} type="file" multiple webkitdirectory hidden aria-label=${t('pick.folder')}
      onChange=${picked} /></div>`;
}

/**
 * What is known of a file without sending it.
 * @param {Picked} picked
 * @returns {Promise<{entry: import('./draft.js').Draft['files'][0], look:
 *  import('./manifest.js').Look | null} | null>} null: not a kind we take
 */
export async function inspect({ name, file }) {
  const kind = fileKind(name);
  if (kind === 'other') return null;
  if (kind === 'image') {
    return { entry: { name, size: file.size, kind, items: 1, bad: 0, images: true, partial: false },
      look: null };
  }
  const partial = file.size > HEAD_BYTES;
  const text = await file.slice(0, HEAD_BYTES).text();
  const look = lookAt(text, kind, partial);
  // A large file's number of items is guessed from its head; the server counts.
  const items = partial ? Math.round(look.items * (file.size / HEAD_BYTES)) : look.items;
  return { entry: { name, size: file.size, kind, items, bad: look.errors.length,
    images: look.images, partial }, look };
}

// @ts-check
// The wizard's first step: the data. Nothing is sent yet; files are looked at here, so that what is
// wrong with them is known before anything else is asked.

import { bytes, number } from '../core/format.js';
import { Button, IconButton } from '../ui/button.js';
import { RadioGroup, TextArea } from '../ui/field.js';
import { html, useEffect, useMemo, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { BucketField } from './bucketfield.js';
import { itemCount, refusalOf } from './draft.js';
import { fileOf, keepFiles } from './keep.js';
import { FilePicker, inspect } from './pick.js';
import { t } from './words.js';

const SHOWN = 24;

/** @typedef {import('./draft.js').Draft} Draft */

/** @param {{draft: Draft, change: (some: Partial<Draft>) => void}} props */
export function DataStep({ draft, change }) {
  const [busy, setBusy] = useState(false);
  const [looks, setLooks] = useState(/** @type {Record<string, import('./manifest.js').Look>} */ ({}));
  const [refused, setRefused] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {   // after a reload the samples are read again from the kept files
    Promise.all(draft.files.slice(0, 20).filter((f) => f.kind !== 'image' && !looks[f.name]
      && fileOf(f.name)).map(async (f) => {
      const got = await inspect({ name: f.name, file: /** @type {File} */ (fileOf(f.name)) });
      return got?.look ? [[f.name, got.look]] : [];
    })).then((all) => { if (all.flat().length) setLooks((/** @type {typeof looks} */ old) =>
      ({ ...Object.fromEntries(all.flat()), ...old })); });
  }, []);
  const add = async (/** @type {import('./pick.js').Picked[]} */ picked) => {
    setBusy(true);
    /** @type {Draft['files']} */
    const entries = [];
    /** @type {[string, Blob][]} */
    const blobs = [];
    /** @type {typeof looks} */
    const more = {};
    const no = [];
    for (const one of picked) {
      const got = await inspect(one);
      if (!got) { no.push(one.name); continue; }
      entries.push(got.entry);
      blobs.push([one.name, one.file]);
      if (got.look) more[one.name] = got.look;
    }
    const names = new Set(entries.map((e) => e.name));
    setLooks({ ...looks, ...more });
    setRefused(no);
    // A folder of texts is a text a file; single text files are an item a line.
    const folder = entries.filter((e) => e.kind === 'text').length > 1
      && entries.every((e) => e.name.includes('/'));
    await keepFiles(blobs);
    change({ files: [...draft.files.filter((f) => !names.has(f.name)), ...entries],
      ...(folder ? { textFiles: 'whole' } : {}) });
    setBusy(false);
  };
  const remove = (/** @type {string[]} */ names) => {
    keepFiles([], names);
    change({ files: draft.files.filter((f) => !names.includes(f.name)) });
  };
  const images = draft.files.filter((f) => f.kind === 'image');
  const others = draft.files.filter((f) => f.kind !== 'image');
  const lost = draft.files.filter((f) => !fileOf(f.name));
  return html`<div class="stack wide"><${FilePicker} onfiles=${add} busy=${busy} />
    ${refused.length > 0 && html`<${Notice} kind="warn" role="status">
      ${t('data.refused', { n: refused.length, names: refused.slice(0, 5).join(', ') })}<//>`}
    ${lost.length > 0 && html`<${Notice} kind="warn">
      ${t('data.lost', { n: lost.length, names: lost.slice(0, 5).map((f) => f.name).join(', ') })}
        <//>`}
    ${others.length + images.length > 0
      && html`<ul class="plain file-list" aria-label=${t('data.files')}>
      ${images.length > 0 && html`<li class="file">
        <div class="grow"><b>${t('data.images', { n: images.length })}</b>
        <span class="meta"> ${bytes(images.reduce((s, f) => s + f.size, 0))}</span></div>
        <${IconButton} icon="trash" label=${t('data.removeImages')}
          onclick=${() => remove(images.map((f) => f.name))} /></li>`}
      ${others.slice(0, 50).map((f) =>
        html`<${FileRow} key=${f.name} file=${f} look=${looks[f.name]}
          onremove=${() => remove([f.name])} />`)}
      ${others.length > 50 && html`<li class="file muted">
        ${t('data.moreFiles', { n: others.length - 50 })}</li>`}</ul>`}
    ${others.some((f) => f.kind === 'text')
      && html`<${RadioGroup} label=${t('data.textFiles')} value=${draft.textFiles} look="segments"
        onvalue=${(/** @type {any} */ textFiles) => change({ textFiles })}
      options=${[{ value: 'lines', label: t('data.perLine') },
        { value: 'whole', label: t('data.perFile') }]} />`}
    <details class="card" open=${Boolean(draft.pasted)}><summary>${t('data.pasteTitle')}</summary>
      <${TextArea} label=${t('data.paste')} hint=${t('data.pasteHint')} rows=${6}
        value=${draft.pasted} onvalue=${(/** @type {string} */ pasted) => change({ pasted })}
          dir="auto" /></details>
    <details class="card" open=${Boolean(draft.bucket)}><summary>${t('bucket.from')}</summary>
      <${BucketField} label=${t('bucket.source')} hint=${t('bucket.sourceHint')} needsKey
        value=${draft.bucket} refusal=${refusalOf(draft, 'source', draft.bucket)}
        onvalue=${(/** @type {string} */ bucket) => change({ bucket })} />
      <p class="meta">${t('bucket.sourceWhen')}</p></details>
    <${Samples} draft=${draft} looks=${looks} />
    <p class="meta">${t('data.server')} <code>plumbline import --job NAME PATH</code></p></div>`;
}

/** @param {{file: Draft['files'][0], look?: import('./manifest.js').Look, onremove: () => void}}
 *  props */
function FileRow({ file, look, onremove }) {
  const [open, setOpen] = useState(false);
  return html`<li class="file"><div class="grow"><b class="wrap" dir="auto">${file.name}</b>
      <span class="meta"> ${bytes(file.size)} · ${file.partial ? t('data.about', { n: file.items })
        : t('data.items', { n: file.items })}</span>
      ${file.bad > 0 && html`<div><span class="warn">${t('data.badLines', { n: file.bad })}</span>
        ${look && html` <${Button} kind="quiet" pressed=${open} onclick=${() => setOpen(!open)}>
          ${t('data.showBad')}<//>`}</div>`}
      ${open && look && html`<ul class="plain line-errors">
        ${look.errors.slice(0, 20).map((e) =>
          html`<li>${t('data.line', { line: number(e.line) })} ${t(`data.bad.${e.code}`)}</li>`)}
        ${look.errors.length > 20
          && html`<li>${t('data.moreBad', { n: look.errors.length - 20 })}</li>`}</ul>`}</div>
    <${IconButton} icon="trash" label=${t('data.remove', { name: file.name })}
      onclick=${onremove} /></li>`;
}

/** The first items as annotators will get them. @param {{draft: Draft, looks: Record<string,
 *  import('./manifest.js').Look>}} props */
function Samples({ draft, looks }) {
  const pictures = draft.files.filter((f) => f.kind === 'image' && fileOf(f.name)).slice(0, SHOWN);
  const urls = useMemo(() =>
    pictures.map((f) => URL.createObjectURL(/** @type {Blob} */ (fileOf(f.name)))),
      [pictures.map((f) => f.name).join('\n')]);
  useEffect(() => () => urls.forEach((/** @type {string} */ u) => URL.revokeObjectURL(u)), [urls]);
  const texts = [...draft.pasted.split(/\r\n|\r|\n/).filter((l) => l.trim()),
    ...draft.files.flatMap((f) => looks[f.name]?.samples ?? []).map((s) => s.text ?? s.ref ?? '')]
    .slice(0, SHOWN - urls.length);
  if (!urls.length && !texts.length) return null;
  // A file that was read in part only has its items guessed from its size.
  const first = draft.files.some((f) => f.partial) ? 'data.firstAbout' : 'data.first';
  return html`<section class="stack" aria-labelledby="samples">
    <h2 id="samples">${t(first, { n: urls.length + texts.length, all: itemCount(draft) })}
      </h2>
    ${urls.length > 0 && html`<ul class="plain sample-images">
      ${urls.map((/** @type {string} */ src, /** @type {number} */ i) =>
        html`<li key=${src}><img src=${src} alt=${pictures[i].name} loading="lazy"
          decoding="async" /></li>`)}</ul>`}
    ${texts.length > 0 && html`<ul class="plain sample-texts" tabindex="0"
      aria-labelledby="samples">
        ${texts.map((text) => html`<li class="item-clip" dir="auto">${text}</li>`)}</ul>`}
          </section>`;
}

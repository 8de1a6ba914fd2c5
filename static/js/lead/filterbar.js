// @ts-check
// The filter above the items: fields for those who choose, one line for those who type.

import { Button } from '../ui/button.js';
import { SelectField, TextField } from '../ui/field.js';
import { cx, html, useEffect, useState } from '../ui/html.js';
import { filterFromText, filterToText, isShare, ORIGINS, STATES } from './filter.js';
import { t } from './words.js';

/**
 * @param {{job: any, people: {id: string, name: string}[], filter: import('./filter.js').Filter,
 *  onfilter: (filter: import('./filter.js').Filter) => void}} props
 */
export function FilterBar({ job, people, filter, onfilter }) {
  const [line, setLine] = useState(filterToText(filter));
  const [unknown, setUnknown] = useState(/** @type {string[]} */ ([]));
  const [below, setBelow] = useState(filter.below ?? '');
  const [folded, setFolded] = useState(true);   // counts on narrow screens only
  const text = filterToText(filter);
  useEffect(() => { setLine(text); setBelow(filter.below ?? ''); setUnknown([]); }, [text]);
  const change = (/** @type {import('./filter.js').Filter} */ some) =>
    onfilter({ ...filter, ...some });
  const typed = (/** @type {Event} */ e) => {
    e.preventDefault();
    const read = filterFromText(line);
    setUnknown(read.unknown);
    if (!read.unknown.length) onfilter(read.filter);
  };
  const all = { value: '', label: t('items.any') };
  const known = people.some((p) => p.id === filter.annotator) || !filter.annotator;
  const badBelow = below !== '' && !isShare(below);
  return html`<form class=${cx('filters filter-items', folded && 'folded')} role="search"
    aria-label=${t('items.filter')} onSubmit=${typed}>
    <div class="filter-text"><${TextField} label=${t('items.find')} small type="search"
      value=${line} onvalue=${setLine} spellcheck=${false}
      error=${unknown.length ? t('items.unknown', { words: unknown.join(' ') }) : ''}
        placeholder=${t('items.findSample')} /></div>
    <${SelectField} label=${t('items.state')} small value=${filter.state ?? ''}
      onvalue=${(/** @type {string} */ state) => change({ state })}
      options=${[all, ...STATES.map((s) => ({ value: s, label: t(`items.states.${s}`) }))]} />
    <${SelectField} label=${t('items.origin')} small value=${filter.origin ?? ''}
      onvalue=${(/** @type {string} */ origin) => change({ origin })}
      options=${[all, ...ORIGINS.map((s) => ({ value: s, label: t(`items.origins.${s}`) }))]} />
    <${SelectField} label=${t('items.label')} small value=${filter.label ?? ''}
      onvalue=${(/** @type {string} */ label) => change({ label })}
      options=${[all, ...job.labels.map((/** @type {any} */ l) =>
        ({ value: l.name, label: l.name }))]} />
    <${SelectField} label=${t('items.annotator')} small value=${filter.annotator ?? ''}
      onvalue=${(/** @type {string} */ annotator) => change({ annotator })}
      options=${[all, ...(known ? [] : [{ value: filter.annotator, label: filter.annotator }]),
        ...people.map((p) => ({ value: p.id, label: p.name }))]} />
    <div class="filter-number"><${TextField} label=${t('items.below')} small inputmode="decimal"
      value=${below} placeholder="0.7"
      error=${badBelow ? t('items.belowBad') : ''} onvalue=${(/** @type {string} */ v) => {
        setBelow(v);
        if (v === '' || isShare(v)) change({ below: v });
      }} /></div>
    <div class="filter-go"><${Button} type="submit" icon="search">${t('items.go')}<//>
      <${Button} icon="filter" class="filter-fold" aria-expanded=${String(!folded)}
        onclick=${() => setFolded(!folded)}>${t('items.fields')}<//>
      ${text && html`<${Button} kind="quiet" onclick=${() => onfilter({})}>${t('items.clear')}<//>`}
        </div></form>`;
}

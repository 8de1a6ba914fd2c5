// @ts-check
// The items of a job: filtered, as pictures or lines, one of them open in a drawer. The filter and
// the open item are in the address, so that Back and a sent link do what one expects.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { number } from '../core/format.js';
import { navigate, onNavigate } from '../core/router.js';
import { Button } from '../ui/button.js';
import { html, useEffect, useMemo, useRef, useState } from '../ui/html.js';
import { Empty, Failed, Loading, useLoad } from '../ui/state.js';
import { Browse } from '../lead/browse.js';
import { filterFromSearch, filterToSearch } from '../lead/filter.js';
import { FilterBar } from '../lead/filterbar.js';
import { JobFrame, useJob } from '../lead/frame.js';
import { ItemDrawer } from '../lead/item.js';
import { ItemLine, ItemTile } from '../lead/itemrow.js';
import { Pager } from '../lead/pager.js';
import { t } from '../lead/words.js';

const PAGE = 100;

/** The item in the address, if any. */
function itemInAddress() {
  const parts = location.pathname.split('/');
  return parts[3] === 'items' && parts[4] ? decodeURIComponent(parts[4]) : '';
}

/** @param {{params: {id: string, item?: string}}} props */
export function page({ params }) {
  const use = useJob(params.id);
  const [filter, setFilter] = useState(() => filterFromSearch(location.search));
  const [open, setOpen] = useState(params.item ?? '');
  const scroll = useRef(0);
  const base = `/jobs/${encodeURIComponent(params.id)}/items`;
  useEffect(() => onNavigate(() => {   // Back and Forward
    if (!location.pathname.startsWith(base)) return;
    setOpen(itemInAddress());
    setFilter(filterFromSearch(location.search));
    window.scrollTo(0, scroll.current);
  }), [base]);
  const refine = (/** @type {import('../lead/filter.js').Filter} */ next) => {
    setFilter(next);
    navigate(base + filterToSearch(next), { replace: true, quiet: true });
  };
  const show = (/** @type {string} */ id) => {
    if (!open) scroll.current = window.scrollY;
    navigate(`${base}${id ? `/${encodeURIComponent(id)}` : ''}${filterToSearch(filter)}`,
      { quiet: true, replace: Boolean(open) });
    setOpen(id);
  };
  const team = useLoad(async (signal) =>
    (await api.get('/people?limit=200', { signal }).catch(() => ({ people: [] }))).people, []);
  return html`<${JobFrame} id=${params.id} tab="items" use=${use} width="wide">
    ${(/** @type {any} */ job) => html`
    <${FilterBar} job=${job} people=${team.data ?? []} filter=${filter} onfilter=${refine} />
    <${Items} key=${filterToSearch(filter)} job=${job} filter=${filter} onclear=${() => refine({})}
      open=${open} onshow=${show} />`}<//>`;
}

/** @param {{job: any, filter: any, onclear: () => void, open: string, onshow: (id: string) =>
 *  void}} props */
function Items({ job, filter, onclear, open, onshow }) {
  const [, draw] = useState(0);
  const pager = useMemo(() => new Pager(async (after, signal) => {
    const got = await api.get(api.url`/jobs/${job.id}/items` + api.query({ ...filter, limit: PAGE,
      after }), { signal });
    return { rows: got.items, next: got.next, reached: got.reached };
  }, () => draw((/** @type {number} */ n) => n + 1)), [job.id]);
  useEffect(() => {
    pager.more().then(() => {
      if (pager.state === 'failed') return;
      announce(pager.state === 'end' ? t('items.found', { n: pager.rows.length })
        : t('items.foundMore', { n: pager.rows.length }));
    });
    return () => pager.stop();
  }, [pager]);
  const images = job.type.startsWith('image');
  const [list, setList] = useState(!images);
  const rows = pager.rows;
  const at = rows.findIndex((/** @type {any} */ r) => r.id === open);
  const whole = Object.keys(filter).length === 0 ? job.counts.total : pager.state === 'end'
    ? rows.length : null;
  const link = (/** @type {any} */ item) =>
    `/jobs/${encodeURIComponent(job.id)}/items/${encodeURIComponent(item.id)}`;
  const drawer = open && html`<${ItemDrawer} job=${job} id=${open} onclose=${() => onshow('')}
    before=${at > 0 ? () => onshow(rows[at - 1].id) : null}
      after=${at >= 0 && at < rows.length - 1 ? () => onshow(rows[at + 1].id) : null} />`;
  const searched = pager.reached > 0 && html`<p class="muted">${t('items.searched',
    { n: number(pager.reached), of: number(job.counts.total) })}</p>`;
  if (!rows.length) {
    if (pager.state === 'failed') return html`<${Failed} error=${pager.error}
      retry=${() => pager.more()} />${drawer}`;
    if (pager.state !== 'end') return html`${searched}<${Loading} lines=${5} />${drawer}`;
    const any = Object.keys(filter).length > 0;
    return html`<${Empty} icon="search" title=${t(any ? 'items.none' : 'items.noneYet')}
      actions=${any && html`<${Button} onclick=${onclear}>${t('items.clear')}<//>`}>
        ${any ? t('items.noneText') : t('items.noneYetText')}<//>${drawer}`;
  }
  return html`<div class="row between items-head"><p class="muted" role="status">${whole === null
      ? t('items.shownMore', { n: rows.length }) : t('items.count', { n: whole })}</p>
    <div class="row tight" role="group" aria-label=${t('items.look')}>
      <${Button} kind="quiet" pressed=${!list} icon="grid" onclick=${() => setList(false)}>
        ${t('items.grid')}<//>
      <${Button} kind="quiet" pressed=${list} icon="list" onclick=${() => setList(true)}>
        ${t('items.list')}<//></div></div>${searched}
    <${Browse} key=${String(list)} items=${rows}
      more=${pager.state !== 'end' && pager.state !== 'failed'} onmore=${() => pager.more()}
        label=${t('items.title')}
      single=${list} tile=${images ? 168 : 260} row=${list ? 60 : images ? 204 : 168}
        onopen=${(/** @type {any} */ item) => onshow(item.id)}
      draw=${(/** @type {any} */ item, /** @type {number} */ index, /** @type {boolean} */ focus) =>
        html`<${list ? ItemLine : ItemTile}
        item=${item} job=${job} href=${link(item)} index=${index} focus=${focus}
          chosen=${item.id === open} />`} />
    ${pager.state === 'failed'
      && html`<${Failed} error=${pager.error} retry=${() => pager.more()} />`}
    ${pager.state === 'end' && rows.length > 50
      && html`<p class="muted items-end">${t('items.end', { n: number(rows.length) })}</p>`}
        ${drawer}`;
}

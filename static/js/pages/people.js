// @ts-check
// Everybody on this server: who they are, what they may do, whether they still may.

import * as api from '../core/api.js';
import { ago, date, number } from '../core/format.js';
import { hasRole, ROLES } from '../core/session.js';
import { person } from '../core/store.js';
import { Button } from '../ui/button.js';
import { confirm } from '../ui/dialog.js';
import { TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Menu } from '../ui/menu.js';
import { Badge } from '../ui/parts.js';
import { Empty, Failed, Loading, Page, useLoad } from '../ui/state.js';
import { LinkTabs } from '../ui/tabs.js';
import { Table } from '../ui/table.js';
import { toast, toastError } from '../ui/toast.js';
import { Invitations, InviteDialog } from '../lead/invite.js';
import { t } from '../lead/words.js';

/** The tabs of people and teams. */
export const tabs = () => [{ href: '/people', label: t('people.title') },
  { href: '/teams', label: t('teams.title') }];

/** @param {any} _props */
export function page(_props) {
  const admin = hasRole('admin');
  const [find, setFind] = useState('');
  const [inviting, setInviting] = useState(false);
  const [next, setNext] = useState('');
  const { data, error, reload, setData } = useLoad(async (signal) => {
    const got = await api.get('/people?limit=500', { signal });
    setNext(got.next ?? '');
    return got.people;
  }, []);
  const invitations = useLoad(async (signal) =>
    (admin ? (await api.get('/invitations', { signal })).invitations : []), [admin]);
  const more = async () => {
    const got = await api.get(`/people${api.query({ limit: 500, after: next })}`).catch(toastError);
    if (!got) return;
    setNext(got.next ?? '');
    setData([...data, ...got.people]);
  };
  const change = async (/** @type {any} */ who, /** @type {any} */ some) => {
    if (some.active === false
      && !(await confirm({ title: t('people.stopTitle', { name: who.name }),
        text: t('people.stopText'), ok: t('people.stop'), danger: true }))) return;
    try {
      const after = await api.patch(api.url`/people/${who.id}`, some);
      setData(data.map((/** @type {any} */ p) => (p.id === who.id ? { ...p, ...after } : p)));
      toast(some.role ? t('people.roleNow', { name: who.name, role: t(`role.${some.role}`) })
        : t(some.active ? 'people.back' : 'people.stopped', { name: who.name }), { kind: 'ok' });
    } catch (problem) {
      toastError(problem);
      reload();
    }
  };
  const shown = (data ?? []).filter((/** @type {any} */ p) =>
    p.name.toLowerCase().includes(find.trim().toLowerCase()));
  const invite = admin && html`<${Button} kind="main" icon="plus"
    onclick=${() => setInviting(true)}>${t('people.invite')}<//>`;
  return html`<${Page} title=${t('people.title')} actions=${invite}>
    <${LinkTabs} label=${t('people.tabs')} tabs=${tabs()} />
    ${error ? html`<${Failed} error=${error} retry=${reload} />` : !data
      ? html`<${Loading} lines=${4} />` : html`<div class="stack wide">
      ${data.length <= 1 && html`<${Empty} icon="people" title=${t('people.alone')}
        actions=${invite}>${t(admin ? 'people.aloneText' : 'people.aloneLead')}<//>`}
      ${data.length > 1 && html`<div class="filters">
        <div class="filter-text"><${TextField} label=${t('people.find')} small type="search"
          value=${find} onvalue=${setFind} /></div></div>`}
      <${PeopleTable} people=${shown} admin=${admin} change=${change} />
      ${next && html`<div class="row"><${Button} onclick=${more}>${t('jobs.more')}<//></div>`}
      ${invitations.data && html`<${Invitations} list=${invitations.data}
        onchange=${invitations.reload} />`}</div>`}
    ${inviting && html`<${InviteDialog} onclose=${() => setInviting(false)}
      onmade=${invitations.reload} />`}<//>`;
}

/** @param {{people: any[], admin: boolean, change: (who: any, some: any) => void}} props */
function PeopleTable({ people, admin, change }) {
  const me = person.value?.id;
  const role = (/** @type {any} */ p) => (admin && p.id !== me && p.active
    ? html`<select class="input small role-select"
      aria-label=${t('people.roleOf', { name: p.name })}
      onChange=${(/** @type {any} */ e) => change(p, { role: e.target.value })}>
        ${ROLES.map((r) => html`<option value=${r} selected=${r === p.role}>
          ${t(`role.${r}`)}</option>`)}</select>`
    : t(`role.${p.role}`));
  const columns = [
    { id: 'name', label: t('people.name'), head: true, by: (/** @type {any} */ p) => p.name,
      class: 'person-cell', cell: (/** @type {any} */ p) => html`<bdi class="wrap">${p.name}</bdi>
        ${p.id === me && html` <span class="meta">${t('people.you')}</span>`}
      ${!p.active && html`<span class="narrow-only"><${Badge}>${t('people.inactive')}<//>
        </span>`}` },
    { id: 'role', label: t('people.role'), by: (/** @type {any} */ p) => ROLES.indexOf(p.role),
      cell: role },
    { id: 'seen', label: t('people.seen'), class: 'wide-only', by: (/** @type {any} */ p) =>
      p.last_seen, cell: (/** @type {any} */ p) =>
        (p.last_seen ? html`<time class="nowrap" datetime=${p.last_seen}>${ago(p.last_seen)}</time>`
          : t('people.never')) },
    { id: 'answers', label: t('people.answers'), num: true, class: 'mid-only',
      by: (/** @type {any} */ p) => p.answers, cell: (/** @type {any} */ p) =>
        number(p.answers ?? 0) },
    { id: 'created', label: t('people.since'), class: 'wide-only', by: (/** @type {any} */ p) =>
      p.created, cell: (/** @type {any} */ p) =>
        html`<span class="nowrap">${date(p.created)}</span>` },
    { id: 'state', label: t('people.state'), class: 'mid-only', by: (/** @type {any} */ p) =>
      Number(p.active), cell: (/** @type {any} */ p) =>
        html`<${Badge} kind=${p.active ? 'ok' : ''}>
          ${t(p.active ? 'people.active' : 'people.inactive')}<//>` },
    ...(admin ? [{ id: 'more', label: html`<span class="unseen">${t('people.more')}</span>`,
      cell: (/** @type {any} */ p) => p.id !== me
        && html`<${Menu} label=${t('people.moreOf', { name: p.name })}
      items=${[p.active ? { label: t('people.stopDots'), danger: true,
        run: () => change(p, { active: false }) }
          : { label: t('people.letBack'), run: () => change(p, { active: true }) }]} />` }] : []),
  ];
  return html`<div class="people-table"><${Table} caption=${t('people.title')} columns=${columns}
    rows=${people} sort="name" empty=${t('people.none')} /></div>`;
}

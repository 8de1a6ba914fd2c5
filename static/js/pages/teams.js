// @ts-check
// Teams: the list, and one team with its people.

import * as api from '../core/api.js';
import { hasRole } from '../core/session.js';
import { navigate } from '../core/router.js';
import { Button } from '../ui/button.js';
import { confirm, Dialog } from '../ui/dialog.js';
import { CheckField, FormError, TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Empty, Failed, Loading, Page, useLoad } from '../ui/state.js';
import { LinkTabs } from '../ui/tabs.js';
import { toast, toastError } from '../ui/toast.js';
import { tabs } from './people.js';
import { t } from '../lead/words.js';

/** @param {{params: {id?: string}}} props */
export function page({ params }) {
  return params.id ? html`<${Team} key=${params.id} id=${params.id} />` : html`<${Teams} />`;
}

function Teams() {
  const [making, setMaking] = useState(false);
  const { data, error, reload } = useLoad(async (signal) =>
    (await api.get('/teams', { signal })).teams, []);
  const make = html`<${Button} kind="main" icon="plus" onclick=${() => setMaking(true)}>
    ${t('teams.new')}<//>`;
  return html`<${Page} title=${t('teams.title')} actions=${make}>
    <${LinkTabs} label=${t('people.tabs')} tabs=${tabs()} />
    ${error ? html`<${Failed} error=${error} retry=${reload} />` : !data ? html`<${Loading} />`
      : !data.length ? html`<${Empty} icon="people" title=${t('teams.none')} actions=${make}>
        ${t('teams.noneText')}<//>`
      : html`<ul class="cards">
        ${data.map((/** @type {any} */ g) =>
          html`<li class="card" key=${g.id}>
            <h2 class="team-name wrap"><a href=${`/teams/${encodeURIComponent(g.id)}`} dir="auto">
              ${g.name}</a></h2>
        ${g.description && html`<p class="wrap" dir="auto">${g.description}</p>`}
          <p class="muted">${t('crew.members', { n: g.members })}</p></li>`)}</ul>`}
    ${making && html`<${TeamDialog} onclose=${() => setMaking(false)}
      send=${(/** @type {any} */ body) => api.post('/teams', body)}
        done=${(/** @type {any} */ g) => navigate(`/teams/${encodeURIComponent(g.id)}`)} />`}<//>`;
}

/** @param {{team?: any, onclose: () => void, send: (body: any) => Promise<any>, done: (team: any)
 *  => void}} props */
function TeamDialog({ team, onclose, send, done }) {
  const [value, setValue] = useState({ name: team?.name ?? '', description: team?.description
    ?? '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const save = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (!value.name.trim()) return;
    setBusy(true);
    try {
      done(await send({ name: value.name.trim(), description: value.description.trim() }));
      onclose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t(team ? 'teams.edit' : 'teams.new')} look="slim"
    onclose=${onclose} actions=${html`<${Button} onclick=${onclose}>${t('frame.cancel')}<//>
      <${Button} kind="main" busy=${busy} disabled=${!value.name.trim()} onclick=${save}>
        ${t(team ? 'jobset.save' : 'teams.make')}<//>`}>
    <form class="stack" onSubmit=${save}><${FormError} error=${error} />
      <${TextField} label=${t('teams.name')} value=${value.name} dir="auto"
        onvalue=${(/** @type {string} */ name) => setValue({ ...value, name })} />
      <${TextField} label=${t('teams.description')} value=${value.description} dir="auto"
        onvalue=${(/** @type {string} */ description) => setValue({ ...value, description })} />
      <button type="submit" hidden></button></form><//>`;
}

/** @param {{id: string}} props */
function Team({ id }) {
  const [editing, setEditing] = useState(false);
  const [adding, setAdding] = useState(false);
  const { data: team, error, reload, setData } = useLoad((signal) => api.get(api.url`/teams/${id}`,
    { signal }), [id]);
  const crumbs = [{ href: '/people', label: t('people.title') },
    { href: '/teams', label: t('teams.title') }];
  if (!team) return html`<${Page} title=${t('teams.one')} crumbs=${crumbs}>
    ${error ? html`<${Failed} error=${error} retry=${reload} />` : html`<${Loading} />`}<//>`;
  const put = async (/** @type {any} */ p, /** @type {boolean} */ on) => {
    const path = api.url`/teams/${id}/members/${p.id}`;
    try {
      await (on ? api.put(path) : api.del(path));
      setData({ ...team, people: on ? [...team.people, p]
        : team.people.filter((/** @type {any} */ x) => x.id !== p.id) });
      if (!on) toast(t('teams.out', { name: p.name }),
        { action: t('teams.undo'), run: () => api.put(path).then(reload, toastError) });
    } catch (problem) {
      toastError(problem);
    }
  };
  const remove = async () => {
    if (!(await confirm({ title: t('teams.deleteTitle', { name: team.name }),
      text: t('teams.deleteText'), ok: t('teams.delete'), danger: true }))) return;
    await api.del(api.url`/teams/${id}`).then(() => navigate('/teams'), toastError);
  };
  return html`<${Page} title=${team.name} crumbs=${crumbs} lead=${team.description}
    actions=${html`<${Button} icon="edit" onclick=${() => setEditing(true)}>${t('teams.rename')}<//>
      <${Button} kind="danger" icon="trash" onclick=${remove}>${t('teams.deleteDots')}<//>`}>
    <section class="stack" aria-labelledby="members">
      <div class="row between"><h2 id="members">${t('crew.members', { n: team.people.length })}</h2>
        <${Button} kind="main" icon="plus" onclick=${() => setAdding(true)}>${t('teams.add')}<//>
          </div>
      ${team.people.length ? html`<ul class="plain lines">
        ${team.people.map((/** @type {any} */ p) =>
          html`<li key=${p.id}><span class="grow wrap">
            <bdi><b>${p.name}</b></bdi> <span class="meta">${t(`role.${p.role}`)}</span></span>
        <${Button} kind="quiet" aria-label=${t('teams.takeOut', { name: p.name })}
          onclick=${() => put(p, false)}>${t('teams.remove')}<//></li>`)}</ul>`
      : html`<p class="muted">${t('teams.empty')}</p>`}</section>
    ${editing && html`<${TeamDialog} team=${team} onclose=${() => setEditing(false)}
      send=${(/** @type {any} */ body) => api.patch(api.url`/teams/${id}`, body)}
      done=${(/** @type {any} */ after) =>
        setData({ ...team, name: after.name, description: after.description })} />`}
    ${adding && html`<${AddPeople} team=${team} put=${put} onclose=${() => setAdding(false)} />`}
      <//>`;
}

/** @param {{team: any, put: (p: any, on: boolean) => void, onclose: () => void}} props */
function AddPeople({ team, put, onclose }) {
  const [find, setFind] = useState('');
  const { data, error } = useLoad(async (signal) =>
    (await api.get('/people?limit=500', { signal })).people, []);
  const inside = new Set(team.people.map((/** @type {any} */ p) => p.id));
  const shown = (data ?? []).filter((/** @type {any} */ p) => p.active
    && p.name.toLowerCase().includes(find.trim().toLowerCase()));
  return html`<${Dialog} title=${t('teams.add')} look="slim" onclose=${onclose}
    actions=${html`<${Button} kind="main" onclick=${onclose}>${t('invite.close')}<//>`}>
    <div class="stack"><${TextField} label=${t('crew.find')} type="search" value=${find}
      onvalue=${setFind} />
      ${error && html`<${Failed} error=${error} />`}
      ${data && !shown.length && html`<p class="muted">
        ${t('people.none')} ${!hasRole('admin') && t('people.aloneLead')}</p>`}
      <div class="stack tight">
        ${shown.map((/** @type {any} */ p) =>
          html`<${CheckField} key=${p.id} label=${html`<bdi>${p.name}</bdi>`}
            hint=${t(`role.${p.role}`)} checked=${inside.has(p.id)}
              onvalue=${(/** @type {boolean} */ on) => put(p, on)} />`)}</div></div><//>`;
}

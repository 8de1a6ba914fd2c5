// @ts-check
// Who may label: everybody, or chosen people and teams.

import * as api from '../core/api.js';
import { CheckField, RadioGroup, TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { t } from './words.js';

/**
 * @param {{everybody: boolean, people: string[], teams: string[],
 *  onchange: (change: {everybody?: boolean, people?: string[], teams?: string[]}) => void}} props
 */
export function Crew({ everybody, people, teams, onchange }) {
  const [find, setFind] = useState('');
  const { data, error, reload } = useLoad(async (signal) => {
    const [p, g] = await Promise.all([api.get('/people?limit=500', { signal }),
      api.get('/teams', { signal })]);
    return { people: p.people.filter((/** @type {any} */ one) => one.active), teams: g.teams };
  }, []);
  const flip = (/** @type {string[]} */ list, /** @type {string} */ id,
    /** @type {boolean} */ on) => (on ? [...list, id] : list.filter((x) => x !== id));
  const match = (/** @type {any} */ one) =>
    one.name.toLowerCase().includes(find.trim().toLowerCase());
  return html`<div class="stack wide">
    <${RadioGroup} label=${t('crew.who')} value=${everybody ? 'all' : 'some'}
      onvalue=${(/** @type {string} */ v) => onchange({ everybody: v === 'all' })}
      options=${[{ value: 'all', label: t('crew.all'), hint: t('crew.allHint') },
        { value: 'some', label: t('crew.some'), hint: t('crew.someHint') }]} />
    ${!everybody && (error ? html`<${Failed} error=${error} retry=${reload} />` : !data
      ? html`<${Loading} line lines=${4} />` : html`
      <fieldset class="group"><legend>${t('crew.teams')}</legend>
        ${data.teams.length ? html`<div class="choices">
          ${data.teams.map((/** @type {any} */ g) =>
            html`<${CheckField} key=${g.id} label=${html`<bdi>${g.name}</bdi>`}
              hint=${t('crew.members', { n: g.members })}
          checked=${teams.includes(g.id)}
            onvalue=${(/** @type {boolean} */ on) =>
              onchange({ teams: flip(teams, g.id, on) })} />`)}</div>`
        : html`<p class="muted">
          ${t('crew.noTeams')} <a href="/teams" target="_blank" rel="noopener">
            ${t('crew.makeTeam')}</a></p>`}</fieldset>
      <fieldset class="group"><legend>${t('crew.people')}</legend>
        ${data.people.length > 12
          && html`<${TextField} label=${t('crew.find')} small type="search" value=${find}
            onvalue=${setFind} />`}
        <div class="choices">${data.people.filter(match).slice(0, 200).map((/** @type {any} */ p) =>
          html`<${CheckField} key=${p.id} label=${html`<bdi>${p.name}</bdi>`}
            hint=${t(`role.${p.role}`)}
          checked=${people.includes(p.id)}
            onvalue=${(/** @type {boolean} */ on) =>
              onchange({ people: flip(people, p.id, on) })} />`)}</div></fieldset>
      <p class="muted" role="status">${t('crew.chosen', { n: people.length + teams.length })}</p>`)}
        </div>`;
}

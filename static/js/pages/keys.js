// @ts-check
// Keys for scripts: a bearer token for REST and a key pair for AWS clients, shown once.

import * as api from '../core/api.js';
import { ago, date } from '../core/format.js';
import { Button } from '../ui/button.js';
import { confirm, Dialog } from '../ui/dialog.js';
import { FormError, NumberField, TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Badge, Notice } from '../ui/parts.js';
import { Empty, Failed, Loading, Page, useLoad } from '../ui/state.js';
import { Table } from '../ui/table.js';
import { toast, toastError } from '../ui/toast.js';
import { AwsHelp, AwsPanel } from '../lead/awshelp.js';
import { Secret } from '../lead/secret.js';
import { t } from '../lead/words.js';

const curl = () => `curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/jobs`;

/** @param {any} _props */
export function page(_props) {
  const [making, setMaking] = useState(false);
  const { data, error, reload } = useLoad(async (signal) =>
    (await api.get('/keys', { signal })).keys, []);
  const end = async (/** @type {any} */ key) => {
    if (!(await confirm({ title: t('apikeys.endTitle', { name: key.name }),
      text: t('apikeys.endText'), ok: t('apikeys.end'), danger: true }))) return;
    try {
      await api.del(api.url`/keys/${key.id}`);
      toast(t('apikeys.ended', { name: key.name }));
      reload();
    } catch (problem) {
      toastError(problem);
    }
  };
  const over = (/** @type {any} */ k) => k.expires && new Date(k.expires).getTime() < Date.now();
  const columns = [
    { id: 'name', label: t('apikeys.name'), head: true, by: (/** @type {any} */ k) => k.name,
      cell: (/** @type {any} */ k) => html`<bdi class="wrap">${k.name}</bdi>` },
    { id: 'id', label: t('apikeys.id'), class: 'wide-only', cell: (/** @type {any} */ k) =>
      html`<code>${k.access_key_id}</code>` },
    { id: 'used', label: t('apikeys.used'), by: (/** @type {any} */ k) => k.last_used,
      cell: (/** @type {any} */ k) =>
        html`<span class="nowrap">${k.last_used ? ago(k.last_used) : t('people.never')}</span>` },
    { id: 'expires', label: t('apikeys.expires'), by: (/** @type {any} */ k) => k.expires,
      cell: (/** @type {any} */ k) =>
        (over(k) ? html`<${Badge} kind="warn">${t('apikeys.over')}<//>` : k.expires
          ? html`<span class="nowrap">${ago(k.expires)}</span>` : t('apikeys.never')) },
    { id: 'created', label: t('apikeys.created'), class: 'wide-only', by: (/** @type {any} */ k) =>
      k.created, cell: (/** @type {any} */ k) =>
        html`<span class="nowrap">${date(k.created)}</span>` },
    { id: 'end', label: html`<span class="unseen">${t('people.more')}</span>`,
      cell: (/** @type {any} */ k) =>
        html`<${Button} kind="quiet" aria-label=${t('apikeys.endOf', { name: k.name })}
          onclick=${() => end(k)}>${t('apikeys.end')}<//>` },
  ];
  const make = html`<${Button} kind="main" icon="plus" onclick=${() => setMaking(true)}>
    ${t('apikeys.new')}<//>`;
  return html`<${Page} title=${t('apikeys.title')} lead=${t('apikeys.lead')} actions=${make}>
    ${error ? html`<${Failed} error=${error} retry=${reload} />` : !data
      ? html`<${Loading} lines=${2} />`
      : data.length ? html`<${Table} caption=${t('apikeys.title')} columns=${columns} rows=${data}
        sort="name" />`
      : html`<${Empty} icon="key" title=${t('apikeys.none')} actions=${make}>
        ${t('apikeys.noneText')}<//>
        <pre class="card mono gap-above code-line" tabindex="0">${curl()}</pre>`}
    <${AwsPanel} />
    ${making && html`<${NewKey} onclose=${() => setMaking(false)} onmade=${reload} />`}<//>`;
}

/** @param {{onclose: () => void, onmade: () => void}} props */
function NewKey({ onclose, onmade }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(/** @type {number|null} */ (90));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [made, setMade] = useState(/** @type {any} */ (null));
  const bad = days !== null && (!Number.isInteger(days) || days < 1 || days > 3650);
  const make = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (bad || !name.trim() || busy) return;
    setBusy(true);
    try {
      setMade(await api.post('/keys', days === null ? { name: name.trim() }
        : { name: name.trim(), days }));
      onmade();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  if (made) {
    return html`<${Dialog} title=${t('apikeys.made', { name: made.name })} keep
      actions=${html`<${Button} kind="main" onclick=${onclose}>${t('apikeys.kept')}<//>`}>
      <div class="stack wide"><${Notice} kind="warn">${t('apikeys.once')}<//>
        <${Secret} label=${t('apikeys.token')} value=${made.token} focus />
        <${Secret} label=${t('apikeys.access')} value=${made.access_key_id} />
          <${Secret} label=${t('apikeys.secret')} value=${made.secret_access_key} />
        <div class="field"><span class="label">${t('apikeys.try')}</span>
          <pre class="mono code-line" tabindex="0">${curl()}</pre></div>
        <details open><summary>${t('aws.made')}</summary><div class="gap-above">
          <${AwsHelp} made=${made} /></div></details></div><//>`;
  }
  return html`<${Dialog} title=${t('apikeys.new')} look="slim" onclose=${onclose}
    actions=${html`<${Button} onclick=${onclose}>${t('frame.cancel')}<//>
      <${Button} kind="main" busy=${busy} disabled=${bad || !name.trim()} onclick=${make}>
        ${t('apikeys.make')}<//>`}>
    <form class="stack" onSubmit=${make}><${FormError} error=${error} />
      <${TextField} label=${t('apikeys.name')} hint=${t('apikeys.nameHint')} value=${name}
        onvalue=${setName} />
      <${NumberField} label=${t('apikeys.days')} hint=${t('apikeys.daysHint')} min=${1} max=${3650}
        step=${1} value=${days} onvalue=${setDays} error=${bad ? t('apikeys.daysBad') : ''} />
      <button type="submit" hidden></button></form><//>`;
}

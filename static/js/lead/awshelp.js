// @ts-check
// What awscli and boto3 need to be told of this server: lines to copy, with the key that was just
// made or with a place for one.

import { html } from '../ui/html.js';
import { awsLines } from './awslines.js';
import { Secret } from './secret.js';
import { t } from './words.js';

/** @param {{made?: any}} props made: the key as it was given, with its secret */
export function AwsHelp({ made }) {
  const key = made ?? { access_key_id: 'KEY_ID', secret_access_key: 'SECRET' };
  return html`<div class="stack"><p>${t('aws.text')} ${t('aws.profile')}</p>
    ${awsLines(location.origin, key).map(({ name, line }) =>
      html`<${Secret} key=${name} label=${t(`aws.${name}`)} value=${line} />`)}</div>`;
}

/** On the page of keys, folded. */
export function AwsPanel() {
  return html`<details class="card gap-above"><summary>${t('aws.title')}</summary>
    <div class="stack gap-above"><p class="muted">${t('aws.yours')}</p><${AwsHelp} /></div></details>`;
}

// @ts-check
// The keys, with the person's own bindings; can be printed.

import { t } from '../core/i18n.js';
import { learnLayout } from '../core/keys.js';
import { html, useEffect, useState } from '../ui/html.js';
import { KeySheet } from '../ui/keysheet.js';
import { Page } from '../ui/state.js';

export function page() {
  const [, again] = useState(0);
  useEffect(() => { learnLayout().then(() => again(1)); }, []);
  return html`<${Page} title=${t('keys.title')} lead=${t('keys.lead')} width="narrow"
    actions=${html`<a href="/me">${t('keys.change')}</a>`}><${KeySheet} /><//>`;
}

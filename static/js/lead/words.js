// @ts-check
// The words of the lead's pages; they come with the first of these pages, not with the shell.

import './styles.js';
import { addStrings } from '../core/i18n.js';
import { strings } from '../../i18n/en.lead.js';
import { strings as wizard } from '../../i18n/en.wizard.js';
import { strings as buckets } from '../../i18n/en.buckets.js';

addStrings(strings);
addStrings(wizard);
addStrings(buckets);

export { t } from '../core/i18n.js';

// @ts-check
// Every page: its path, the least role that may see it, and where its code is. A page module exports
// `page`, a component that is given {params}. `bare`: without the top bar. `open`: without a session.

import { matcher } from './core/router.js';

/**
 * @typedef {object} Route
 * @property {string} path
 * @property {() => Promise<{page: (props: any) => any}>} load
 * @property {import('./core/session.js').Role} [role]
 * @property {boolean} [open]
 * @property {boolean} [bare]
 */

/** @type {Route[]} fixed paths before those with names */
export const routes = [
  { path: '/login', open: true, bare: true, load: () => import('./pages/login.js') },
  { path: '/join/:token', open: true, bare: true, load: () => import('./pages/join.js') },
  { path: '/tasks', load: () => import('./pages/tasks.js') },
  { path: '/label/:job', bare: true, load: () => import('./label/screen.js') },
  { path: '/label/:job/:task', bare: true, load: () => import('./label/screen.js') },
  { path: '/me', load: () => import('./pages/me.js') },
  { path: '/help/keys', load: () => import('./pages/help.js') },
  { path: '/jobs', role: 'reviewer', load: () => import('./pages/jobs.js') },
  { path: '/jobs/new', role: 'lead', load: () => import('./pages/wizard.js') },
  { path: '/jobs/new/:step', role: 'lead', load: () => import('./pages/wizard.js') },
  { path: '/jobs/:id', role: 'lead', load: () => import('./pages/dashboard.js') },
  { path: '/jobs/:id/items', role: 'reviewer', load: () => import('./pages/items.js') },
  { path: '/jobs/:id/items/:item', role: 'reviewer', load: () => import('./pages/items.js') },
  { path: '/jobs/:id/export', role: 'lead', load: () => import('./pages/export.js') },
  { path: '/jobs/:id/settings', role: 'lead', load: () => import('./pages/settings.js') },
  { path: '/people', role: 'lead', load: () => import('./pages/people.js') },
  { path: '/teams', role: 'lead', load: () => import('./pages/teams.js') },
  { path: '/teams/:id', role: 'lead', load: () => import('./pages/teams.js') },
  { path: '/keys', role: 'annotator', load: () => import('./pages/keys.js') },
  { path: '/admin', role: 'admin', load: () => import('./pages/admin.js') },
];

export const findRoute = matcher(routes);

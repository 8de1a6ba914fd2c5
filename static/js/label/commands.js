// @ts-check
// From keys to what the labelling screen does.

import { meaning } from '../core/keys.js';
import { preferences, waitingKey } from '../core/store.js';
import { t } from '../core/i18n.js';
import { atOnce, useEffect, useRef } from '../ui/html.js';
import { toast } from '../ui/toast.js';

const BOUNCE = 80;   // ms within which the same digit again is the same press

/** @param {any} c */
function table(c) {
  const view = (/** @type {string} */ name) => () => c.surface?.command(name);
  return {
    submit: c.submit,
    enter: c.submit,
    undo: () => c.flow.undo(),
    redo: () => c.flow.redo(),
    skip: () => c.setPanel('skip'),
    comment: () => c.setPanel('comment'),
    find: () => c.setPanel('find'),
    extend: () => c.flow.leases.extendAll(),
    view: view('view'),
    zoomIn: view('zoomIn'),
    zoomOut: view('zoomOut'),
    bigger: view('bigger'),
    smaller: view('smaller'),
    peek: () => c.setPeek(true),
    guide: c.toggleGuide,
    help: c.help,
    kept: () => toast(c.flow.work.outbox.size ? t(waitingKey(), { n: c.flow.work.outbox.size })
      : t('label.allSent'), { ms: 3000 }),
  };
}

/**
 * Listens for keys as long as the screen is there.
 * @param {{flow: import('./flow.js').Flow, surface: any, choices: import('./labels.js').Choice[],
 *  pick: (name: string) => void, submit: () => void, setPanel: (name: string) => void,
 *  setPeek: (on: boolean) => void, toggleGuide: () => void, help: () => void}} commands
 */
export function useCommands(commands) {
  const now = useRef(commands);
  now.current = commands;
  useEffect(() => {
    let last = { place: 0, at: 0 };
    const down = (/** @type {KeyboardEvent} */ e) => {
      const c = now.current;
      const found = meaning(e, preferences.peek().keys);
      if (!found || e.repeat) return;
      if (found.place) {
        const choice = c.choices.find((one) => one.place === found.place);
        if (!choice || (last.place === found.place && e.timeStamp - last.at < BOUNCE)) return;
        last = { place: found.place, at: e.timeStamp };
        e.preventDefault();
        c.pick(choice.name);
        return;
      }
      const run = /** @type {any} */ (table(c))[found.action ?? ''];
      if (!run) return;
      e.preventDefault();
      atOnce(run);
    };
    const up = () => now.current.setPeek(false);
    document.addEventListener('keydown', down);
    document.addEventListener('keyup', up);
    window.addEventListener('blur', up);
    return () => {
      document.removeEventListener('keydown', down);
      document.removeEventListener('keyup', up);
      window.removeEventListener('blur', up);
    };
  }, []);
}

// @ts-check
// Puts the task in front on its surface. What cannot be fetched at the moment (a bucket that does not
// answer, no network) is asked for again by itself; the task stays, and so does what was done on it.

import { preferences } from '../core/store.js';
import { useCallback, useEffect, useRef, useState } from '../ui/html.js';
import { Patience } from './patience.js';

/** @typedef {import('./flow.js').Slot} Slot */

/** Loads a task anew. @param {import('./flow.js').Flow} flow @param {Slot} slot */
function prepareAgain(flow, slot) {
  slot.ready = flow.kind.prepare(slot.task);
  slot.ready.catch(() => {});
}

/**
 * @param {import('./flow.js').Flow} flow @param {{current: HTMLElement | null}} box
 * @returns {{surface: any, broken: any, next: number, again: () => void, scale: number}}
 *  broken: why the task cannot be shown; next: when it is tried again (performance.now()), 0: not by
 *  itself; again: tries now
 */
export function useSurface(flow, box) {
  const [surface, setSurface] = useState(/** @type {any} */ (null));
  const [trouble, setTrouble] = useState({ broken: /** @type {any} */ (null), next: 0 });
  const [scale, setScale] = useState(0);
  const now = useRef(() => {});
  useEffect(() => {
    if (!box.current) return undefined;
    const made = flow.kind.mount(box.current, { wheel: preferences.peek().wheel, onview: setScale });
    setSurface(made);
    return () => made.destroy();
  }, [flow]);

  const slot = flow.current.value;
  useEffect(() => {
    if (!surface || !slot) {
      surface?.clear?.();
      return undefined;
    }
    let gone = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const patience = new Patience();
    const load = () => {
      const { ready } = slot;
      ready.then((shown) => {
        if (gone) return;
        surface.show(shown);
        if (patience.tries) flow.time.start();   // nobody could work on it before
        setTrouble({ broken: null, next: 0 });
      }, (error) => { if (!gone && slot.ready === ready) fail(error); });
    };
    const retry = () => {
      clearTimeout(timer);
      setTrouble((/** @type {any} */ old) => ({ ...old, next: 0 }));
      prepareAgain(flow, slot);
      load();
    };
    const fail = (/** @type {any} */ error) => {
      const wait = error.passing ? patience.next(error) : 0;
      if (error.passing) timer = setTimeout(retry, wait);
      if (wait || !error.passing) setTrouble({ broken: error, next: wait && performance.now() + wait });
    };
    now.current = retry;
    setTrouble({ broken: null, next: 0 });
    load();
    return () => {
      gone = true;
      clearTimeout(timer);
      now.current = () => {};
      surface.clear?.();   // its bitmap is closed next: nothing may draw it any more
    };
  }, [surface, slot]);
  const again = useCallback(() => now.current(), []);
  return { surface, ...trouble, again, scale };
}

// @ts-check
// Puts the task in front on its surface.

import { preferences } from '../core/store.js';
import { useEffect, useState } from '../ui/html.js';

/**
 * @param {import('./flow.js').Flow} flow @param {{current: HTMLElement | null}} box
 * @returns {{surface: any, broken: any, scale: number}} broken: why the task cannot be shown
 */
export function useSurface(flow, box) {
  const [surface, setSurface] = useState(/** @type {any} */ (null));
  const [broken, setBroken] = useState(/** @type {any} */ (null));
  const [scale, setScale] = useState(0);
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
    setBroken(null);
    slot.ready.then((ready) => { if (!gone) surface.show(ready); },
      (error) => { if (!gone) setBroken(error); });
    return () => {
      gone = true;
      surface.clear?.();   // its bitmap is closed next: nothing may draw it any more
    };
  }, [surface, slot]);
  return { surface, broken, scale };
}

// @ts-check
// A small key-value face on IndexedDB, one database a person, so that somebody else at the same
// computer neither sees nor sends what is in it. Without IndexedDB the same face on plain memory.

export const STORES = ['drafts', 'outbox', 'prefs'];

/**
 * @typedef {object} Store
 * @property {boolean} lasting whether it outlives the page
 * @property {(store: string, key: string) => Promise<any>} get
 * @property {(store: string, key: string, value: any) => Promise<void>} put
 * @property {(store: string, key: string) => Promise<void>} del
 * @property {(store: string) => Promise<any[]>} all
 */

/** @returns {Store} */
export function memoryStore() {
  const maps = new Map(STORES.map((name) => [name, new Map()]));
  const of = (/** @type {string} */ name) => /** @type {Map<string, any>} */ (maps.get(name));
  return {
    lasting: false,
    get: async (store, key) => structuredClone(of(store).get(key)),
    put: async (store, key, value) => { of(store).set(key, structuredClone(value)); },
    del: async (store, key) => { of(store).delete(key); },
    all: async (store) => structuredClone([...of(store).values()]),
  };
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} name @returns {Promise<IDBDatabase>} */
function openDatabase(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of STORES) request.result.createObjectStore(store);
  };
  return result(request);
}

/** @param {IDBDatabase} db @returns {Store} */
function onDisk(db) {
  db.onversionchange = () => db.close();
  /** @param {string} store @param {(s: IDBObjectStore) => IDBRequest} act @returns {Promise<void>} */
  const write = (store, act) => new Promise((resolve, reject) => {
    const tx = db.transaction(store, 'readwrite');
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error);
    tx.onerror = () => reject(tx.error);
    act(tx.objectStore(store));
  });
  return {
    lasting: true,
    get: (store, key) => result(db.transaction(store).objectStore(store).get(key)),
    put: (store, key, value) => write(store, (s) => s.put(value, key)),
    del: (store, key) => write(store, (s) => s.delete(key)),
    all: (store) => result(db.transaction(store).objectStore(store).getAll()),
  };
}

/**
 * The store of a person; in memory when the browser has none to give (a private window, no space).
 * @param {string} person id @returns {Promise<Store>}
 */
export async function openStore(person) {
  try {
    const store = onDisk(await openDatabase(`ui-${person}`));
    await store.put('prefs', 'probe', Date.now());   // a full disk opens well and fails at the first write
    return store;
  } catch {
    return memoryStore();
  }
}

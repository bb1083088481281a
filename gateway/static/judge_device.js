// Removes what a judge's pages stored on this device: the entries, and what the server was last known to hold. Loaded by
// the judges' own pages, and by the page that every sign-out leads to, from whichever page one signed out.
//
// Promises: marks that were filled in and not sent yet stay, for the same judge alone (draft_store.js).

const CACHES = 'baijia-judge', KNOWN = 'baijia.judge:', SCOPE = '/judge';

export async function dropCaches(but = '') {
  for (const name of await caches.keys()) {
    if (name.startsWith(CACHES) && name !== but) await caches.delete(name);
  }
}

export async function clearDevice() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(KNOWN)) localStorage.removeItem(key);
  } catch { /* a browser without a store has stored nothing */ }
  try {
    for (const each of await navigator.serviceWorker.getRegistrations()) {
      if (new URL(each.scope).pathname === SCOPE) await each.unregister();
    }
    await dropCaches();
  } catch { /* a browser without workers has stored no pages */ }
}

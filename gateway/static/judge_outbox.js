// What a judge filled in on this device and the server has not confirmed yet, for all entries: sends it once there is a
// network. Also stores the judge's pages on the device by the service worker, and removes them when the judge signs out.
//
// Promises: a change is sent by draft_sync.js, with the revision that its writer had seen, so it overwrites nothing, and
// arriving twice it counts once. What another judge left on this device is never read, sent or shown.

import {DraftStore, tabName} from './draft_store.js';
import {DraftSync} from './draft_sync.js';
import {clearDevice, dropCaches} from './judge_device.js';

const CACHES = 'baijia-judge';
export const GIVE = 'give'; // a field of the store alone: the mark is to be given as it stands
export const place = document.querySelector('[data-judge]');
const facts = place.dataset;
const outbox = place.querySelector('[data-outbox]');
export const unit = `judge.${facts.judge}`;
const DRAFTS = `baijia.draft:${unit}:`, KNOWN = `baijia.judge:${unit}:`;
const AGAIN_MS = 20000;

export function storage(kind) {
  try { return window[kind]; } catch { return null; }
}

export const device = tabName(storage('sessionStorage'));
const local = storage('localStorage');

export function storeOf(entry) { return new DraftStore(local, {unit, entry, tab: device}); }

// What the server held when this device heard of it last: a page that comes from the device may be older than that.
export function remember(entry, filled) {
  try { local.setItem(KNOWN + entry, JSON.stringify(filled)); } catch { /* the page shows what it was made with */ }
}

export function newest(entry, filled) {
  try {
    const known = JSON.parse(local.getItem(KNOWN + entry));
    return known && known.revision > filled.revision ? known : filled;
  } catch { return filled; }
}

// A sync of one entry. Whenever the mark is to be given, all fields go along, so that the server sees what the page shows.
export function syncOf(entry, {url, store, server, names, say, onServer, onConflict, onExpired}) {
  let sync = null;
  const send = (address, options = {}) => {
    if (options.method !== 'PATCH') return window.fetch(address, options);
    const change = JSON.parse(options.body);
    if (GIVE in change.fields) {
      const {[GIVE]: _, ...typed} = change.fields;
      const all = new Set([...names, ...Object.keys(sync.server.fields)]);
      const shown = [...all].filter(name => !(name in sync.conflicts))
        .map(name => [name, sync.value(name)]).filter(([, value]) => value !== null && value !== undefined && value !== '');
      change.fields = {...Object.fromEntries(shown), ...typed};
      change.give = true;
    }
    return window.fetch(address, {...options, body: JSON.stringify(change)});
  };
  sync = new DraftSync({
    url, store, server, device, fetch: send, onServer, onConflict, onExpired,
    say: (state, problem) => {
      if (state === 'refused' && GIVE in store.fields) { // the mark is refused: what was typed is stored as a draft
        store.drop(GIVE);
        for (const name of Object.keys(sync.refused)) delete sync.refused[name];
        sync.after(0);
      }
      say(state, problem);
    },
    onDraft: filled => remember(entry, filled),
  });
  return sync;
}

// The entries that wait on this device, by their names.
export function waitingEntries() {
  try {
    const keys = Object.keys(local).filter(key => key.startsWith(DRAFTS));
    return [...new Set(keys.map(key => key.slice(DRAFTS.length, key.lastIndexOf(':'))))];
  } catch { return []; }
}

const syncs = new Map();
const conflicted = new Set();
let open = '';

// Send what waits for other entries than the one that is open; return the entries that still wait.
export async function sendWaiting(opened = '') {
  open = opened;
  for (const entry of waitingEntries()) {
    if (entry === opened || conflicted.has(entry)) continue;
    if (!syncs.has(entry)) {
      const store = storeOf(entry);
      if (store.isEmpty) continue;
      syncs.set(entry, syncOf(entry, {
        url: `/api/v1/judging/entries/${encodeURIComponent(entry)}/sheet`,
        store,
        server: {revision: 0, fields: {}},
        names: Object.keys(store.fields).filter(name => name !== GIVE),
        say: (state, problem) => {
          if (state === 'refused' && problem && problem.status < 500) conflicted.add(entry);
          if (state === 'saved') syncs.delete(entry);
          report();
        },
        onServer: () => {},
        onConflict: () => { conflicted.add(entry); report(); },
        onExpired: () => {},
      }));
    }
    const sync = syncs.get(entry);
    if (sync && !(await sync.flush())) clearTimeout(sync.timer); // tried again below, for all entries together
    if (sync && !conflicted.has(entry) && !sync.store.isEmpty && !navigator.onLine) break;
  }
  report();
  return waitingEntries().filter(entry => entry !== opened);
}

export function report() {
  const waiting = waitingEntries().filter(entry => entry !== open);
  const text = [];
  const stuck = waiting.filter(entry => conflicted.has(entry));
  if (waiting.length > stuck.length) text.push(facts.outboxText.replace('{count}', waiting.length - stuck.length));
  if (stuck.length) text.push(facts.conflictText.replace('{count}', stuck.length));
  outbox.hidden = text.length === 0;
  outbox.textContent = text.join(' ');
  for (const row of document.querySelectorAll('[data-entry] [data-waiting]')) {
    row.hidden = !waiting.includes(row.closest('[data-entry]').dataset.entry);
  }
}

export function keepSending(opened = '') {
  sendWaiting(opened);
  window.addEventListener('online', () => sendWaiting(opened));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') sendWaiting(opened);
  });
  setInterval(() => { if (waitingEntries().some(entry => entry !== opened)) sendWaiting(opened); }, AGAIN_MS);
}

// Pages on the device

export const cacheName = `${CACHES}.${facts.judge}.${facts.version}`;

export async function startWorker() {
  if (!('serviceWorker' in navigator) || !window.isSecureContext || !window.caches) return null;
  try {
    await dropCaches(cacheName);
    const registration = await navigator.serviceWorker.register(facts.worker, {scope: facts.scope});
    await navigator.serviceWorker.ready;
    return registration;
  } catch { return null; }
}

// Nothing of the entries stays on the device after the sign-out; marks that were not sent do, for the
// same judge. A sign-out from other pages clears the device on the page that it leads to (signed_out.js).
let warned = false;
for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const left = await Promise.race([sendWaiting(), new Promise(done => setTimeout(() => done(waitingEntries()), 3000))]);
    if (left.length && !warned) {
      warned = true;
      outbox.hidden = false;
      outbox.textContent = facts.signOutText;
      outbox.scrollIntoView({block: 'center'});
      return;
    }
    await clearDevice();
    form.submit();
  });
}

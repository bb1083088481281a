// The service worker of a judge's pages: stores the assigned entries with their pictures, and shows them without a
// network. Online, pages always come from the server; scripts, styles and pictures, whose addresses hold their hashes,
// come from the store.
//
// The store belongs to one judge and one version of these scripts (both are in this worker's address); others are
// deleted. The page deletes it when the judge signs out (judge_outbox.js).

const query = new URL(self.location).searchParams;
const CACHES = 'baijia-judge';
const NAME = `${CACHES}.${query.get('judge')}.${query.get('v')}`;
const SCOPE = '/judge';
const FIXED = /^\/(static|theme|media)\//;
const AT_ONCE = 3;

self.addEventListener('install', event => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith(CACHES) && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('message', event => {
  if (event.data && event.data.store) event.waitUntil(storeAll(event.data, event.source));
});

self.addEventListener('fetch', event => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate') event.respondWith(page(event.request, url));
  else if (FIXED.test(url.pathname) && !event.request.headers.has('range')) event.respondWith(file(event.request, url));
});

// A page of the server's, which is stored for later; without a network the stored one.
async function page(request, url) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    if (isPage(answer) && await isStill()) await cache.put(url.pathname, answer.clone());
    return answer;
  } catch (problem) {
    const stored = await cache.match(url.pathname) || await cache.match(`${SCOPE}/offline`);
    if (stored) return stored;
    throw problem;
  }
}

// A file under its hash: as it is stored, else from the server. A picture in another width stands in for one that is away.
async function file(request, url) {
  const cache = await caches.open(NAME);
  const stored = await cache.match(url.pathname) || await cache.match(width(url.pathname));
  if (stored) return stored;
  const answer = await fetch(request);
  if (answer.ok && answer.type === 'basic' && !url.pathname.startsWith('/media/') && await isStill()) {
    await cache.put(url.pathname, answer.clone());
  }
  return answer;
}

function width(path) { return path.replace(/\/\d+\.(webp|jpg)$/, '/960.webp').replace(/\/poster-\d+\.jpg$/, '/poster-960.jpg'); }

function isPage(answer) {
  return answer.ok && !answer.redirected && (answer.headers.get('content-type') || '').startsWith('text/html');
}

// Whether this worker still serves: after the sign-out nothing is stored any more.
async function isStill() { return Boolean(self.registration.active); }

// Store pages with the files that they load, and tell the page how far it is.
async function storeAll({store, assets}, client) {
  const cache = await caches.open(NAME);
  const total = store.length;
  let done = 0;
  const queue = [...store];
  const tell = () => client && client.postMessage({done, total});
  for (const each of assets || []) await add(cache, new URL(each).pathname);
  const work = async () => {
    while (queue.length) {
      const path = queue.shift();
      if (!await storePage(cache, path)) return;
      done += 1;
      tell();
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, work));
}

// Return whether the page is stored; a server that is away or refuses ends the storing.
async function storePage(cache, path) {
  try {
    if (path.startsWith(`${SCOPE}/entries/`) && await cache.match(path)) return true;
    const answer = await fetch(path, {credentials: 'same-origin', redirect: 'follow'});
    if (!isPage(answer)) return answer.status === 404 || answer.status === 403 || answer.redirected;
    const text = await answer.clone().text();
    const files = new Set([...text.matchAll(/(?:src|href)="(\/(?:static|theme)\/[^"]+)"/g)].map(each => each[1]));
    for (const [, sha256] of text.matchAll(/\/media\/([0-9a-f]{64})\/960\.jpg/g)) files.add(`/media/${sha256}/960.webp`);
    for (const [poster] of text.matchAll(/\/media\/[0-9a-f]{64}\/poster-960\.jpg/g)) files.add(poster);
    for (const each of files) await add(cache, each);
    for (const each of await scriptsOf(cache, files)) await add(cache, each);
    await cache.put(path, answer);
    return true;
  } catch { return false; }
}

// The scripts that stored scripts import, under their hashes.
async function scriptsOf(cache, files) {
  const found = new Set();
  for (const each of files) {
    if (!each.endsWith('.js')) continue;
    const stored = await cache.match(each);
    const text = stored ? await stored.clone().text() : '';
    for (const [, name] of text.matchAll(/from '\.\/([\w.-]+\.js)'/g)) {
      const path = `/static/${name}`;
      await add(cache, path);
      found.add(path);
      for (const inner of await scriptsOf(cache, [path])) found.add(inner);
    }
  }
  return found;
}

async function add(cache, path) {
  if (await cache.match(path)) return;
  const answer = await fetch(path, {credentials: 'same-origin'});
  if (answer.ok) await cache.put(path, answer);
}

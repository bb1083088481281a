// The sheet of one entry: shows the total, saves what is filled in as it is filled in, also without a network, and gives
// the mark. Without this script the sheet is a plain form.

import {GIVE, device, keepSending, newest, remember, startWorker, storeOf, syncOf} from './judge_outbox.js';

const form = document.getElementById('sheet');
const words = form.dataset;
const entry = words.entry;
const saved = form.querySelector('[data-saved]');
const shownTotal = form.querySelector('[data-total]');
const conflictBox = form.querySelector('[data-conflict]');
const fields = [...form.querySelectorAll('input[data-weight], textarea[name=words]')];
const points = fields.filter(each => each.dataset.weight);
const server = newest(entry, JSON.parse(words.filled));
const store = storeOf(entry);
let leaving = '';
let isRefused = false;

// Film at another speed

for (const film of document.querySelectorAll('[data-film]')) {
  const video = film.querySelector('video'), rates = film.querySelector('[data-rates]');
  if (!video || !rates) continue;
  rates.hidden = false;
  rates.addEventListener('click', event => {
    const button = event.target.closest('[data-set-rate]');
    if (!button) return;
    video.playbackRate = video.defaultPlaybackRate = Number(button.dataset.setRate);
    for (const each of rates.querySelectorAll('[data-set-rate]')) each.setAttribute('aria-pressed', String(each === button));
  });
}

// The fields and their total

function valueOf(field) {
  const text = field.value.trim();
  if (!field.dataset.weight) return text || null;
  return /^\d{1,3}$/.test(text) && Number(text) <= 100 ? Number(text) : null;
}

function isUnfit(field) { return (field.dataset.weight && field.value.trim() !== '' && valueOf(field) === null) || field.validity.badInput; }

function total() { // in hundredths, as the service counts: weights are per cent
  const values = points.map(valueOf);
  return values.includes(null) ? null : points.reduce((sum, each, i) => sum + Number(each.dataset.weight) * values[i], 0);
}

function showTotal() {
  const sum = total();
  shownTotal.textContent = sum === null ? words.totalOpen : words.totalText.replace('{total}', (sum / 100).toFixed(2));
}

function put(name, value) {
  const field = form.elements[name];
  if (field && !field.matches(':focus') && String(value ?? '') !== field.value) field.value = value ?? '';
  showTotal();
}

function complain(field, text) {
  let note = document.getElementById(`${field.id}-said`);
  if (!note) {
    note = document.createElement('span');
    note.id = `${field.id}-said`;
    note.className = 'error';
    field.after(note);
  }
  note.textContent = text ? `✗ ${text}` : '';
  field.setAttribute('aria-invalid', String(Boolean(text)));
}

// Saving

function show(state, problem) {
  if (state === 'refused') isRefused = true;
  saved.dataset.state = state;
  const texts = {
    saved: words.isSaved, waiting: words.isWaiting, sending: words.isSending, expired: words.isExpired,
    conflict: words.isConflict, refused: words.isRefused.replace('{why}', (problem || {}).detail || (problem || {}).title || ''),
    offline: store.works ? (GIVE in store.fields ? words.isGiving : words.isOffline) : words.isUnsafe,
  };
  saved.textContent = texts[state] || '';
  if (state === 'expired') {
    const link = document.createElement('a');
    link.href = `/desk/sign-in?to=${encodeURIComponent(window.location.pathname)}`;
    link.textContent = ' →';
    link.setAttribute('aria-label', words.isExpired);
    saved.append(link);
  }
}

const sync = syncOf(entry, {
  url: words.url,
  store,
  server,
  names: fields.map(each => each.name),
  say: show,
  onServer: (name, field) => put(name, field.value),
  onConflict: askConflict,
  onExpired: () => {},
});

for (const field of fields) {
  field.addEventListener('input', () => {
    showTotal();
    complain(field, '');
    if (isUnfit(field)) return complain(field, words.needsPoints);
    if (GIVE in store.fields) store.drop(GIVE);
    isRefused = false;
    return sync.change(field.name, valueOf(field));
  });
}

// Two versions of a field: the judge chooses, and neither is lost before that.
function askConflict(rows) {
  conflictBox.hidden = false;
  conflictBox.replaceChildren(text('strong', words.conflictLead));
  for (const {name, mine, theirs} of rows) {
    if (name === GIVE) continue;
    const label = form.elements[name] ? form.elements[name].labels[0].textContent : name;
    const row = document.createElement('p');
    row.className = 'choice';
    row.append(text('span', label), choice(words.mine, mine, name), choice(words.theirs, theirs, name));
    conflictBox.append(row);
  }
}

function choice(label, value, name) {
  const button = text('button', label.replace('{value}', value ?? words.empty));
  button.type = 'button';
  button.className = 'small';
  button.addEventListener('click', () => {
    sync.resolve(name, value);
    form.elements[name].value = value ?? '';
    showTotal();
    if (Object.keys(sync.conflicts).length) askConflict(Object.entries(sync.conflicts)
      .map(([each, field]) => ({name: each, mine: store.fields[each], theirs: field.value})));
    else conflictBox.hidden = true;
  });
  return button;
}

function text(tag, content) {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

// Giving the mark

form.addEventListener('submit', async event => {
  const step = event.submitter ? event.submitter.value : 'give';
  if (step === 'skip') return;
  event.preventDefault();
  if (step === 'draft') return void sync.flush();
  const missing = points.filter(each => valueOf(each) === null);
  for (const each of missing) complain(each, words.needsPoints);
  if (missing.length) return missing[0].focus();
  const field = form.elements.words, sum = total();
  if (!valueOf(field) && (sum < 100 * Number(words.below) || sum > 100 * Number(words.above))) {
    complain(field, words.needsWords);
    return field.focus();
  }
  if (leaving || Object.keys(sync.conflicts).length) return undefined;
  isRefused = false;
  for (const each of fields) store.put(each.name, valueOf(each), sync.server.revision);
  store.put(GIVE, String(Date.now()), sync.server.revision);
  leaving = words.next;
  const isStored = await sync.flush();
  leaving = '';
  const isOffline = saved.dataset.state === 'offline' && store.works;
  if (!isRefused && (isStored || isOffline)) {
    const about = isStored && words.next !== '' ? `?marked=${encodeURIComponent(entry)}` : '';
    window.location.assign(words.next + about);
  }
  return undefined;
});

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') sync.flush({keepalive: true});
  else if (words.open) sync.refresh();
});
window.addEventListener('pagehide', () => { if (!store.isEmpty) sync.flush({keepalive: true}); });
window.addEventListener('online', () => sync.flush());
window.addEventListener('beforeunload', event => { if (!store.works && !store.isEmpty) event.preventDefault(); });

// Begin: what was filled in here and not sent comes first, then what the server holds.

for (const each of form.querySelectorAll('[data-plain]')) each.remove();
remember(entry, server);
if (words.open) {
  for (const field of fields) { // what was typed while this script was still on its way
    if (field.value !== field.defaultValue && !isUnfit(field)) sync.change(field.name, valueOf(field));
    else put(field.name, sync.value(field.name));
  }
  showTotal();
  if (!store.isEmpty) {
    show('waiting');
    sync.refresh();
  }
  if (!words.opened) {
    fetch(words.reading, {
      method: 'POST', headers: {'Content-Type': 'application/json', 'Idempotency-Key': `open-${device}-${entry}`},
      body: '{"skip": false}', credentials: 'same-origin',
    }).catch(() => { /* it is no matter: a draft or a mark says more */ });
  }
}
keepSending(entry);
startWorker();

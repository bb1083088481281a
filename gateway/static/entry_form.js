// The form of a unit's entry: keeps and sends drafts, counts, shows what another device changed, and signs in again.
//
// Without this script the form is a plain one that is saved by its button.

import {DraftStore, same, tabName} from './draft_store.js';
import {DraftSync} from './draft_sync.js';
import {EntryFiles} from './entry_files.js';
import {FileShelf} from './file_shelf.js';
import {length, refusedCharacters} from './text_rule.js';

const form = document.getElementById('draft');
const config = JSON.parse(form.dataset.config);
const {unit, entry, words, limits} = config;
const TEXTS = ['title', 'profile', 'text', 'h5'];
const number = new Intl.NumberFormat('en-US');

function say(key, values = {}) {
  return (words[key] || '').replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function time(at) {
  return new Date(at).toLocaleTimeString(document.documentElement.lang, {hour: '2-digit', minute: '2-digit', timeZone: config.zone});
}

function storage(kind) {
  try { return window[kind]; } catch { return null; }
}

const device = tabName(storage('sessionStorage'));
const store = new DraftStore(storage('localStorage'), {unit, entry, tab: device});
const saved = document.getElementById('saved');
let leaving = null;

const sync = new DraftSync({
  url: config.url,
  store,
  server: config.draft,
  device,
  say: (state, detail) => show(state, detail),
  onDraft: draft => Object.assign(config.facts, draft.files),
  onServer: (name, field) => put(name, field.value),
  onConflict: rows => askConflict(rows),
  onExpired: () => askSignIn(),
});

const files = new EntryFiles({
  lists: Object.fromEntries([...form.querySelectorAll('[data-kind]')].map(each => [each.dataset.kind, each])),
  template: document.getElementById('file'),
  limits,
  say: (key, values) => say(`file.${key}`, values),
  changed: () => sync.change('files', files.value),
  caption: (sha256, text) => sync.change(`caption.${sha256}`, text),
  subtitles: (sha256, text) => sync.change(`subtitles.${sha256}`, text || null),
  ai: (sha256, extent) => sync.change(`ai.${sha256}`, extent || null),
  expired: () => askSignIn(),
  storage: storage('localStorage'),
  shelf: new FileShelf(),
  key: `baijia.uploads:${unit}:${entry}`,
  uploads: config.uploads,
  preparation: config.preparation,
});

// How far the draft is saved

function show(state, detail) {
  saved.dataset.state = state;
  if (state === 'saved') saved.textContent = say('is-saved-at', {time: time(Date.now())});
  else if (state === 'offline' && !store.works) saved.textContent = say('is-offline-unsafe');
  else if (state === 'refused') saved.textContent = say('is-refused', {why: (detail || {}).detail || (detail || {}).title || ''});
  else saved.textContent = say(`is-${state}`);
}

// The fields

function put(name, value) {
  const choice = form.elements[name];
  if (name.startsWith('ai.') && choice) choice.value = value || '';
  else if (/^(files$|caption\.|ai\.|subtitles\.)/.test(name)) return showFiles();
  if (name === 'themes') {
    for (const box of themes()) box.checked = (value || []).includes(box.value);
  } else if (TEXTS.includes(name)) {
    const field = form.elements[name];
    if (field.value === (value || '')) return undefined;
    const place = [field.selectionStart, field.selectionEnd];
    field.value = value || '';
    if (document.activeElement === field && field.type !== 'url') field.setSelectionRange(...place);
    countField(name);
  }
  return undefined;
}

function showFiles() {
  files.show(sync.value('files'), config.facts, sha256 => (
    {
      caption: sync.value(`caption.${sha256}`) || '', ai: sync.value(`ai.${sha256}`) || '',
      subtitles: sync.value(`subtitles.${sha256}`) || '',
    }));
}

function themes() { return [...form.querySelectorAll('#themes input')]; }

function countField(name) {
  const place = document.getElementById(`${name}-count`);
  const most = limits[`${name}_max`];
  if (!place || !most || !config.rule) return;
  const {value} = form.elements[name];
  const counted = length(value, config.rule);
  const over = counted - most;
  const [odd] = refusedCharacters(value, config.rule, {oneLine: name === 'title'});
  place.classList.toggle('over', over > 0 || Boolean(odd));
  place.textContent = odd
    ? say('count.odd', {line: odd.line, column: odd.column, names: odd[config.lang]})
    : say(over > 0 ? 'count.over' : 'count', {counted: number.format(counted), most: number.format(most), over: number.format(over)});
}

for (const name of TEXTS) {
  form.elements[name].addEventListener('input', () => {
    countField(name);
    sync.change(name, form.elements[name].value);
  });
}
for (const choice of form.querySelectorAll('#ai select')) {
  choice.addEventListener('change', () => sync.change(choice.name, choice.value || null));
}
form.querySelector('#themes').addEventListener('change', () => {
  sync.change('themes', themes().filter(box => box.checked).map(box => box.value));
});

// Pasted from Word: the service turns it into plain paragraphs, and says how they are counted.

for (const name of ['profile', 'text']) form.elements[name].addEventListener('paste', event => paste(event, name));

async function paste(event, name) {
  const html = event.clipboardData.getData('text/html');
  const plain = event.clipboardData.getData('text/plain');
  if (!html) return;
  event.preventDefault();
  const field = form.elements[name];
  const place = form.querySelector('[data-pasted]');
  const put_ = words_ => {
    field.setRangeText(words_, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', {bubbles: true}));
  };
  try {
    const answer = await fetch(config.pasted, {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({html}), credentials: 'same-origin',
    });
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.json();
    put_(found.text);
    place.textContent = found[config.lang];
  } catch {
    put_(plain);
    place.textContent = say('paste.failed');
  }
}

// What two devices changed

const conflict = document.getElementById('conflict');
let asked = [];

function askConflict(rows) {
  if (conflict.open && same(rows, asked)) return;
  asked = rows;
  const place = conflict.querySelector('[data-rows]');
  place.replaceChildren(...rows.map(row => conflictRow(row)));
  conflict.querySelector('[data-missing]').hidden = true;
  if (!conflict.open) conflict.showModal();
}

function conflictRow({name, mine, theirs, at}) {
  const row = document.getElementById('conflict-row').content.firstElementChild.cloneNode(true);
  const [kind] = name.split('.');
  row.querySelector('legend').textContent = words[`field.${kind}`] || name;
  row.querySelector('[data-when]').textContent = say('conflict.theirs', {time: at ? time(at) : ''});
  row.querySelector('[data-mine]').textContent = shown(name, mine);
  row.querySelector('[data-theirs]').textContent = shown(name, theirs);
  for (const radio of row.querySelectorAll('input')) radio.name = `keep.${name}`;
  if (!['text', 'profile', 'files', 'themes'].includes(name)) row.querySelector('[data-both]').remove();
  return row;
}

function shown(name, value) {
  if (!value || value.length === 0) return say('conflict.empty');
  if (name === 'files') return `${say('conflict.files', {count: value.length})}\n${value.map(each => each.name || each.sha256.slice(0, 8)).join('\n')}`;
  if (name === 'themes') return value.map(code => config.themes[code] || code).join(' · ');
  if (name.startsWith('ai.')) return say(`ai.${value}`) || value;
  return value;
}

function joined(name, mine, theirs) {
  if (name === 'files') return [...(theirs || []), ...(mine || []).filter(each => !(theirs || []).some(other => other.sha256 === each.sha256))];
  if (name === 'themes') return [...new Set([...(theirs || []), ...(mine || [])])];
  return `${theirs || ''}\n\n${mine || ''}`;
}

conflict.addEventListener('cancel', event => event.preventDefault());
conflict.querySelector('form').addEventListener('submit', event => {
  const chosen = asked.map(({name}) => conflict.querySelector(`input[name="keep.${CSS.escape(name)}"]:checked`));
  if (chosen.some(each => !each)) {
    event.preventDefault();
    conflict.querySelector('[data-missing]').hidden = false;
    return;
  }
  asked.forEach(({name, mine, theirs}, i) => {
    sync.resolve(name, {mine, theirs, both: joined(name, mine, theirs)}[chosen[i].value]);
  });
});

// Signing in again, in place

const expired = document.getElementById('expired');

function askSignIn() {
  if (!expired.open && !conflict.open) expired.showModal();
}

expired.querySelector('[data-later]').addEventListener('click', () => expired.close());
expired.querySelector('form').addEventListener('submit', async event => {
  event.preventDefault();
  const account = event.target;
  const problem = account.querySelector('[data-problem]');
  const fail = text => {
    problem.textContent = text;
    problem.hidden = false;
  };
  problem.hidden = true;
  const {unit: {value: code}, person: {value: name}, access_code: {value: secret}} = account.elements;
  const pair = name.trim() ? {unit: code, name: name.trim(), password: secret} : {unit: code, access_code: secret};
  try {
    const answer = await fetch('/api/v1/sessions', {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(pair), credentials: 'same-origin',
    });
    const known = await answer.json();
    if (!answer.ok) return fail(known.detail || known.title);
    if (known.unit !== unit) return fail(say('expired.other', {unit}));
  } catch { return fail(say('is-offline')); }
  account.elements.access_code.value = '';
  expired.close();
  await sync.refresh();
  sync.flush();
  return files.resumeAll();
});

// Leaving, coming back, going on

form.addEventListener('submit', async event => {
  event.preventDefault();
  const [step] = [event.submitter ? event.submitter.value : 'save'];
  if (step === 'save') return sync.flush();
  if (leaving) return undefined;
  if (step === 'check' && files.isBusy) {
    saved.textContent = say('leave');
    return saved.scrollIntoView({block: 'nearest'});
  }
  leaving = step;
  const isStored = await sync.flush();
  leaving = null;
  if (isStored) window.location.assign(step === 'preview' ? config.preview : config.check);
  return undefined;
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') sync.flush({keepalive: true});
  else sync.refresh();
});
window.addEventListener('pagehide', () => { if (!store.isEmpty) sync.flush({keepalive: true}); });
window.addEventListener('pageshow', event => { if (event.persisted) sync.refresh(); });
window.addEventListener('online', () => sync.flush());
window.addEventListener('beforeunload', event => {
  if (!store.works && !store.isEmpty) event.preventDefault();
});

// The link

const LOOKS = 4; // each is answered within 15 seconds
const look = form.querySelector('[data-look]');
const linked = form.querySelector('[data-link-preview]');
look.addEventListener('click', async () => {
  const url = form.elements.h5.value.trim();
  if (!url) return form.elements.h5.focus();
  look.disabled = true;
  linked.textContent = say('h5.looking');
  const parts = await linkParts(url);
  linked.replaceChildren(...parts);
  look.disabled = false;
  return undefined;
});

// Return what the service has found behind a link, or why it has not.
async function linkParts(url) {
  try {
    for (let asked = 0; asked < LOOKS; asked += 1) {
      const answer = await fetch(config.links, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({url}), credentials: 'same-origin',
      });
      const found = await answer.json();
      if (answer.status === 401) {
        askSignIn();
        return [];
      }
      if (!answer.ok) return [text('p', `✗ ${found.detail || found.title}`, 'error')];
      const [problem] = found.problems || [];
      if (problem) return [text('p', `✗ ${problem[config.lang] || problem.code}`, 'error')];
      if (found.latest_page) return pageParts(found.latest_page);
    }
  } catch { /* said below */ }
  return [text('p', say('h5.failed'), 'error')];
}

function pageParts(page) {
  const parts = [text('p', page.title || page.final_url, 'linked'), text('p', page.description || '')];
  if (page.picture) {
    const picture = document.createElement('img');
    picture.src = say('h5.address', {sha256: page.picture});
    picture.alt = say('h5.picture');
    picture.onerror = () => picture.remove();
    parts.push(picture);
  }
  return parts;
}

function text(tag, words_, kind = '') {
  const made = document.createElement(tag);
  made.textContent = words_;
  if (kind) made.className = kind;
  return made;
}

// Begin: what was typed here and not sent comes first, then what the server holds.

for (const each of form.querySelectorAll('[data-plain]')) each.remove();
for (const each of form.querySelectorAll('[data-scripted]')) each.hidden = false;
for (const name of TEXTS) { // what was typed while this script was still on its way
  const field = form.elements[name];
  if (field.value !== field.defaultValue) sync.change(name, field.value);
}
if (themes().some(box => box.checked !== box.defaultChecked)) {
  sync.change('themes', themes().filter(box => box.checked).map(box => box.value));
}
for (const choice of form.querySelectorAll('#ai select')) {
  const given = [...choice.options].find(each => each.defaultSelected) || choice.options[0];
  if (choice.value !== given.value) sync.change(choice.name, choice.value || null);
}
for (const name of [...TEXTS, 'themes', ...[...form.querySelectorAll('#ai select')].map(each => each.name)]) {
  put(name, sync.value(name));
}
for (const name of TEXTS) countField(name);
showFiles();
files.restore();
if (window.location.hash) { // the script has replaced the rows to which a link may lead
  const place = document.getElementById(window.location.hash.slice(1));
  if (place) {
    place.scrollIntoView({block: 'center'});
    (place.matches('input, textarea, select') ? place : place.querySelector('input, textarea, select, button') || place).focus({preventScroll: true});
  }
}
if (!store.isEmpty) {
  show('waiting');
  sync.refresh();
}

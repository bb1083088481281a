// The pictures, films and sounds of an entry: chosen together, checked at once, sent with progress, ordered, captioned.
//
// Promises: an upload that breaks goes on where it stopped, when the browser is online again, after a sign-in, and after
// a reload: by itself if this browser could keep the file, else when the person chooses the same file again. A file is
// in the entry from the moment at which the service has it. Nothing of a file is shown to anybody else before that.

import {clock, durationOf, kindOf, mebibytes, problemOf, textOf} from './file_checks.js';
import {randomName, same} from './draft_store.js';
import {scaled} from './photo_scale.js';

const AT_ONCE = 2;
const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const WAITING_MS = 4000;
const ASKED_AT_ONCE = 4;
const KINDS = ['picture', 'video', 'audio'];

export class EntryFiles {
  // `lists` holds the section of each kind, `say(key, values)` returns a text, `changed()` is called when the files of
  // the entry changed, `caption(sha256, words)`, `ai(sha256, extent)` and `subtitles(sha256, text)` when those were,
  // `expired()` when the session ended.
  constructor({lists, template, limits, say, changed, caption, ai, subtitles, expired, storage, shelf, key, uploads, preparation}) {
    Object.assign(this, {lists, template, limits, say, changed, caption, ai, subtitles, expired, storage, shelf, key, uploads, preparation});
    this.items = [];
    this.running = 0;
    this.watching = 0;
    for (const kind of KINDS) this.listen(kind);
    window.addEventListener('online', () => this.resumeAll());
  }

  // The files of the entry in their order, as the draft holds them.
  get value() {
    return KINDS.flatMap(kind => this.inOrder(kind)).filter(each => each.sha256)
      .map(({sha256, name}) => ({sha256, name}));
  }

  // Whether anything is still on its way.
  get isBusy() { return this.items.some(each => ['waiting', 'sending', 'reading'].includes(each.state)); }
  get unfinished() { return this.items.filter(each => !each.sha256 && each.state !== 'refused'); }

  inOrder(kind) {
    const rows = [...this.lists[kind].querySelectorAll('li')];
    return this.items.filter(each => each.kind === kind).sort((a, b) => rows.indexOf(a.row) - rows.indexOf(b.row));
  }

  // Show the files of the draft: `facts` holds what the service knows of each by its hash, `about(sha256)` returns what
  // the person said of it.
  show(files, facts, about) {
    const wanted = files || [];
    for (const each of this.items.filter(item => item.sha256 && !wanted.some(file => file.sha256 === item.sha256))) {
      each.row.remove();
      this.items = this.items.filter(item => item !== each);
    }
    for (const file of wanted) {
      let item = this.items.find(each => each.sha256 === file.sha256);
      if (!item) item = this.add({kind: (facts[file.sha256] || {}).kind || 'picture', name: file.name || '', state: 'stored'});
      item.facts = facts[file.sha256] || item.facts || {};
      item.sha256 = file.sha256;
      item.state = 'stored';
      this.lists[item.kind].querySelector('ol').append(item.row);
      this.draw(item);
      const {caption, ai, subtitles} = about(file.sha256);
      const words = item.row.querySelector('[data-caption]');
      if (document.activeElement !== words) words.value = caption;
      item.row.querySelector('[data-ai]').value = ai;
      const captions = item.row.querySelector('[data-subtitles]');
      if (document.activeElement !== captions) captions.value = subtitles;
      this.captions(item);
    }
    for (const each of this.items.filter(item => !item.sha256)) each.row.parentElement.append(each.row);
    this.count();
    this.watch();
  }

  // Ask how far the service is with preparing files, until all are prepared: a film is converted, a picture made small.
  watch(pause = 0) {
    clearTimeout(this.watching);
    this.watching = setTimeout(async () => {
      const open = this.items.filter(each => each.sha256 && !each.prepared).slice(0, ASKED_AT_ONCE);
      if (document.visibilityState === 'visible') await Promise.all(open.map(item => this.prepare(item)));
      if (this.items.some(each => each.sha256 && !each.prepared)) this.watch(WAITING_MS);
    }, pause);
  }

  async prepare(item) {
    let found;
    try {
      const answer = await fetch(this.preparation.replace('{sha256}', item.sha256), {credentials: 'same-origin'});
      if (!answer.ok) {
        item.prepared = answer.status === 404;
        return;
      }
      found = await answer.json();
    } catch { return; }
    item.prepared = ['done', 'failed'].includes(found.state);
    item.percent = found.progress;
    const [problem] = found.problems || [];
    if (problem) item.problem = {title: problem[document.documentElement.lang.slice(0, 2)], code: problem.code};
    this.draw(item);
  }

  listen(kind) {
    const section = this.lists[kind];
    const input = section.querySelector('input[type=file]');
    input.addEventListener('change', () => {
      this.choose([...input.files]);
      input.value = '';
    });
    for (const type of ['dragover', 'drop']) {
      section.addEventListener(type, event => {
        if (![...event.dataTransfer.types].includes('Files')) return;
        event.preventDefault();
        if (type === 'drop') this.choose([...event.dataTransfer.files]);
      });
    }
  }

  async choose(files) {
    for (const file of files) {
      const broken = this.items.find(each => !each.sha256 && !each.file && isSame(each, file));
      if (broken) {
        broken.file = file;
        this.check(broken, broken.kind);
        continue;
      }
      if (this.items.some(each => !each.sha256 && isSame(each, file))) continue;
      const kind = kindOf(file);
      const item = this.add({
        kind: kind || 'picture', name: file.name, size: file.size, modified: file.lastModified, file, state: 'reading',
      });
      this.check(item, kind);
    }
  }

  async check(item, kind) {
    const problem = await problemOf(item.file, kind, this.limits);
    if (problem) return this.refuse(item, problem);
    if (item.kind !== 'picture') item.seconds = await durationOf(item.file);
    else if (!this.keepsOriginals) await this.scale(item);
    this.wait(item);
  }

  get keepsOriginals() {
    const box = this.lists.picture.querySelector('[data-originals]');
    return Boolean(box && box.checked);
  }

  // Put a smaller copy in the place of a large photo. The item keeps name, size and time of what was chosen, by which
  // the same file is known when it is chosen again.
  async scale(item) {
    const copy = await scaled(item.file);
    if (!copy) return;
    item.saved = item.file.size - copy.size;
    item.file = copy;
  }

  refuse(item, problem) {
    item.state = 'refused';
    item.problem = problem;
    this.forget(item);
    this.draw(item);
    this.count();
  }

  add(item) {
    item.id = item.id || randomName();
    item.row = this.template.content.firstElementChild.cloneNode(true);
    item.row.dataset.id = item.id;
    this.items.push(item);
    this.lists[item.kind].querySelector('ol').append(item.row);
    this.wire(item);
    this.draw(item);
    this.count();
    return item;
  }

  wait(item) {
    item.state = 'waiting';
    item.problem = null;
    this.draw(item);
    this.remember();
    if (item.file) this.shelf.put(item.id, item.file);
    this.next();
  }

  next() {
    for (const item of this.items.filter(each => each.state === 'waiting')) {
      if (this.running >= AT_ONCE) return;
      this.send(item);
    }
  }

  async send(item) {
    this.running += 1;
    item.state = 'sending';
    item.sent = item.sent || 0;
    this.draw(item);
    const over = (state, problem = null) => {
      this.running -= 1;
      item.upload = null;
      if (!this.items.includes(item)) return this.next();
      item.state = state;
      item.problem = problem;
      this.draw(item);
      this.count();
      this.next();
    };
    item.upload = new window.tus.Upload(item.file, {
      endpoint: this.uploads,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      metadata: {filename: item.name, filetype: item.file.type},
      removeFingerprintOnSuccess: true,
      fingerprint: async () => ['baijia', this.key, item.name, item.size, item.modified, item.file.size].join('|'),
      onProgress: (sent, size) => {
        item.sent = sent / size;
        this.progress(item);
      },
      onSuccess: payload => this.arrived(item, payload, over),
      onError: error => {
        const answer = error.originalResponse;
        const status = answer ? answer.getStatus() : 0;
        if (status === 401) {
          over('broken', {code: 'expired'});
          this.expired();
        } else if (status >= 400 && status < 500 && ![409, 423, 429].includes(status)) {
          over('refused', told(answer));
          this.forget(item);
        } else {
          over('broken', {code: 'broken'});
        }
      },
    });
    const earlier = await item.upload.findPreviousUploads();
    if (earlier.length) item.upload.resumeFromPreviousUpload(earlier[0]);
    item.upload.start();
  }

  // The last byte has arrived: the service looks at the file now, and says what it is.
  async arrived(item, payload, over) {
    item.state = 'looking';
    item.sent = 1;
    this.draw(item);
    const upload = item.upload;
    let answer;
    try { answer = await this.inspected(upload.url, payload); } catch { return over('broken', {code: 'broken'}); }
    if (answer.problem) {
      over('refused', answer.problem);
      return this.forget(item);
    }
    if (this.items.some(each => each !== item && each.sha256 === answer.sha256)) {
      over('refused', {code: 'twice'});
      return this.forget(item);
    }
    item.facts = answer;
    item.sha256 = answer.sha256;
    const [problem] = answer.problems || [];
    over('stored', problem || null);
    this.forget(item);
    this.changed();
    this.watch();
  }

  // Return what the service found in a file, as soon as it has looked at it.
  async inspected(url) {
    for (;;) {
      const answer = await fetch(`${url}/file`, {credentials: 'same-origin'});
      const found = await answer.json().catch(() => ({}));
      if (answer.status === 202 || answer.status === 503) {
        await new Promise(go => { setTimeout(go, WAITING_MS); });
      } else if (answer.status === 401) {
        this.expired();
        throw new Error('expired');
      } else if (answer.ok) {
        return found;
      } else {
        return {problem: {title: found.detail || found.title || '', code: found.code}};
      }
    }
  }

  resumeAll() {
    for (const item of this.items.filter(each => each.state === 'broken' && each.file)) this.wait(item);
  }

  remove(item) {
    const {row} = item;
    const next = row.nextElementSibling || row.previousElementSibling;
    if (item.upload) item.upload.abort(true).catch(() => {});
    if (item.state === 'sending' || item.state === 'looking') this.running -= item.upload ? 0 : 1;
    this.items = this.items.filter(each => each !== item);
    row.remove();
    this.forget(item);
    const place = next ? next.querySelector('[data-remove]') : this.lists[item.kind].querySelector('input[type=file]');
    place.focus();
    this.count();
    if (item.sha256) this.changed();
    this.next();
  }

  move(item, by) {
    const {row} = item;
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    this.moved(item);
  }

  moved(item) {
    this.count();
    const place = [...item.row.parentElement.children].indexOf(item.row) + 1;
    this.tell(item.kind, this.say('moved', {name: item.name, place}));
    if (item.sha256) this.changed();
  }

  wire(item) {
    const {row} = item;
    const find = name => row.querySelector(`[data-${name}]`);
    find('up').addEventListener('click', () => { this.move(item, -1); find('up').focus(); });
    find('down').addEventListener('click', () => { this.move(item, 1); find('down').focus(); });
    find('remove').addEventListener('click', () => this.remove(item));
    find('retry').addEventListener('click', () => {
      if (item.file) this.wait(item);
      else this.lists[item.kind].querySelector('input[type=file]').click();
    });
    find('caption').addEventListener('input', () => {
      if (item.sha256) this.caption(item.sha256, find('caption').value);
    });
    find('subtitles').addEventListener('input', () => this.typed(item));
    find('subtitles-file').addEventListener('change', () => this.read(item));
    find('ai').addEventListener('change', () => {
      if (item.sha256) this.ai(item.sha256, find('ai').value);
    });
    this.drag(item, find('handle'));
  }

  // The captions of a film: chosen as a file, or pasted; the service checks them before the hand-in.
  async read(item) {
    const input = item.row.querySelector('[data-subtitles-file]');
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    const text = await textOf(file);
    if (text === null) {
      item.row.querySelector('[data-subtitles-state]').textContent = this.say('subtitles-large');
      return;
    }
    item.row.querySelector('[data-subtitles]').value = text;
    this.typed(item);
  }

  typed(item) {
    if (item.sha256) this.subtitles(item.sha256, item.row.querySelector('[data-subtitles]').value);
    this.captions(item);
  }

  captions(item) {
    const text = item.row.querySelector('[data-subtitles]').value.trim();
    item.row.querySelector('[data-subtitles-state]').textContent = text
      ? this.say('subtitles-lines', {count: text.split('\n').length}) : this.say('subtitles-none');
  }

  // Reorder by dragging the handle, with mouse, pen and finger alike.
  drag(item, handle) {
    handle.addEventListener('pointerdown', event => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      item.row.classList.add('dragged');
      const before = [...item.row.parentElement.children].indexOf(item.row);
      const follow = moving => {
        const list = item.row.parentElement;
        const over = [...list.children].find(each => {
          const box = each.getBoundingClientRect();
          return each !== item.row && moving.clientY > box.top && moving.clientY < box.bottom
            && moving.clientX > box.left && moving.clientX < box.right;
        });
        if (!over) return;
        const rows = [...list.children];
        if (rows.indexOf(over) < rows.indexOf(item.row)) over.before(item.row);
        else over.after(item.row);
      };
      const end = () => {
        handle.removeEventListener('pointermove', follow);
        item.row.classList.remove('dragged');
        if ([...item.row.parentElement.children].indexOf(item.row) !== before) this.moved(item);
      };
      handle.addEventListener('pointermove', follow);
      handle.addEventListener('pointerup', end, {once: true});
      handle.addEventListener('pointercancel', end, {once: true});
    });
  }

  draw(item) {
    const {row, facts = {}} = item;
    const find = name => row.querySelector(`[data-${name}]`);
    row.dataset.state = item.state;
    const seconds = facts.duration_ms ? facts.duration_ms / 1000 : item.seconds;
    const size = facts.bytes || (item.file ? item.file.size : item.size);
    const saved = item.saved ? this.say('saved', {size: mebibytes(item.saved)}) : '';
    find('name').textContent = item.name;
    const told = [size ? mebibytes(size) : '', seconds ? clock(seconds) : '', saved];
    find('facts').textContent = told.filter(Boolean).join(' · ');
    const isSending = ['waiting', 'sending', 'looking'].includes(item.state);
    find('progress').hidden = !isSending;
    find('retry').hidden = !(item.state === 'broken' || (item.problem && item.problem.code === 'broken'));
    find('retry').textContent = this.say(item.file ? 'retry' : 'choose-again');
    if (item.sha256) row.id = `file-${item.sha256}`;
    for (const label of row.querySelectorAll('.words')) label.hidden = !item.sha256;
    find('handle').hidden = !item.sha256;
    find('subtitles-part').hidden = !item.sha256 || item.kind !== 'video';
    this.progress(item);
    this.picture(item, find('thumb'));
    for (const [name, key] of [['up', 'up-of'], ['down', 'down-of'], ['remove', 'remove-of']]) {
      find(name).setAttribute('aria-label', this.say(key, {name: item.name}));
    }
    find('caption').setAttribute('aria-label', this.say('caption-of', {name: item.name}));
    find('subtitles').setAttribute('aria-label', this.say('subtitles-of', {name: item.name}));
    find('ai').setAttribute('aria-label', this.say('ai-of', {name: item.name}));
  }

  progress(item) {
    const find = name => item.row.querySelector(`[data-${name}]`);
    const percent = Math.floor(100 * (item.sent || 0));
    find('progress').value = percent;
    find('progress').setAttribute('aria-label', this.say('progress-of', {name: item.name}));
    find('state').textContent = this.words(item, percent);
  }

  words(item, percent) {
    const {problem} = item;
    if (problem && problem.title) return problem.title;
    if (problem && problem.code === 'large') return this.say('too-large', {allowed: mebibytes(problem.allowed)});
    if (problem && problem.code === 'long') {
      return this.say('too-long', {length: clock(problem.seconds), allowed: clock(problem.allowed)});
    }
    if (problem) return this.say(`problem.${problem.code}`) || this.say('problem.broken');
    if (item.state === 'broken') return this.say(item.file ? 'problem.broken' : 'broken-off', {percent});
    if (item.state === 'stored' && item.prepared === false && item.kind !== 'picture') {
      return this.say('is-preparing', {percent: item.percent || 0});
    }
    return this.say(`is-${item.state}`, {percent});
  }

  picture(item, place) {
    if (item.kind !== 'picture' || item.state === 'refused') return;
    const image = place.querySelector('img') || document.createElement('img');
    if (item.file && !item.local) item.local = URL.createObjectURL(item.file);
    const stored = item.sha256 ? this.say('thumb', {sha256: item.sha256}) : '';
    const address = item.local && !item.isOdd ? item.local : item.prepared ? stored : '';
    if (!address || image.getAttribute('src') === address) return;
    image.alt = '';
    image.onerror = () => {
      item.isOdd = true; // this browser cannot show the file itself, such as HEIC
      image.remove();
      if (image.getAttribute('src') === item.local) this.picture(item, place);
    };
    image.src = address;
    place.append(image);
  }

  count() {
    for (const kind of KINDS) {
      const section = this.lists[kind];
      const counter = section.querySelector('[data-count]');
      const items = this.items.filter(each => each.kind === kind && each.sha256).length;
      if (counter) {
        const {pictures_min: least, pictures_max: most} = this.limits;
        const [first, last] = kind === 'picture' ? [least, most] : [0, 0];
        counter.textContent = kind === 'picture'
          ? this.say(items < first ? 'count-few' : items > last ? 'count-many' : 'count', {items, least: first, most: last, missing: first - items, over: items - last})
          : items ? this.say('count-films', {items}) : '';
      }
      const rows = [...section.querySelectorAll('li')];
      rows.forEach((row, i) => {
        row.querySelector('[data-up]').disabled = i === 0;
        row.querySelector('[data-down]').disabled = i === rows.length - 1;
      });
    }
  }

  tell(kind, words) {
    const place = this.lists[kind].querySelector('[role=status]');
    if (place) place.textContent = words;
  }

  // What is on its way is remembered, so that it is shown and goes on after a reload.
  remember() {
    const left = this.items.filter(each => !each.sha256 && each.state !== 'refused')
      .map(({id, kind, name, size, modified}) => ({id, kind, name, size, modified}));
    try {
      if (left.length) this.storage.setItem(this.key, JSON.stringify(left));
      else this.storage.removeItem(this.key);
    } catch { /* a browser that stores nothing forgets uploads when it is closed */ }
  }

  forget(item) {
    this.shelf.remove(item.id);
    this.remember();
  }

  async restore() {
    let left = [];
    try { left = JSON.parse(this.storage.getItem(this.key)) || []; } catch { return; }
    for (const each of left) {
      const file = await this.shelf.get(each.id);
      const item = this.add({...each, file, state: 'broken'});
      if (file) this.wait(item);
    }
  }
}

function isSame(item, file) {
  return same([item.name, item.size, item.modified], [file.name, file.size, file.lastModified]);
}

function told(answer) {
  try {
    const problem = JSON.parse(answer.getBody());
    return {code: problem.code, title: problem.detail || problem.title};
  } catch { return {code: 'broken'}; }
}

// Sends what a person typed to the server, field by field, and says how that went.
//
// Promises: a change is sent at most PAUSE_MS after the last one; what could not be sent stays in the store and is sent
// again when the browser is online, when the page is looked at again, and after a while; a field that somebody else
// changed meanwhile is never sent over theirs: `onConflict` gets both versions, and the field waits until `resolve`.

import {same} from './draft_store.js';

export const PAUSE_MS = 1000;
const RETRY_MS = [2000, 5000, 10000, 30000];
const LATER = [408, 423, 425, 429, 500, 502, 503, 504];

export class DraftSync {
  // `server` is the draft as the page was made with it; `say(state, detail)` gets one of: saved, waiting, sending,
  // offline, expired, conflict, refused; `onDraft(draft)` gets each draft of the server's before `onServer(name, field)`
  // shows a value that another device stored.
  constructor({url, store, server, device, say, onDraft = () => {}, onServer, onConflict, onExpired, fetch = (...all) => window.fetch(...all)}) {
    Object.assign(this, {url, store, server, device, say, onDraft, onServer, onConflict, onExpired, fetch});
    this.conflicts = {};
    this.refused = {};
    this.tries = 0;
    this.sequence = 0;
    this.timer = 0;
    this.sending = null;
  }

  // The value of a field as this page shows it: what was typed here, else what the server holds.
  value(name) {
    return name in this.store.fields ? this.store.fields[name] : (this.server.fields[name] || {value: null}).value;
  }

  change(name, value) {
    delete this.refused[name];
    this.store.put(name, value, this.server.revision);
    this.say('waiting');
    this.after(PAUSE_MS);
  }

  after(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  // Send everything that waits; return whether the server has it all now.
  async flush({keepalive = false} = {}) {
    clearTimeout(this.timer);
    while (this.sending) await this.sending; // one change after the other: the server takes a late one for old
    this.sending = this.send(keepalive);
    try { await this.sending; } finally { this.sending = null; }
    return this.store.isEmpty;
  }

  get waiting() {
    return Object.fromEntries(Object.entries(this.store.fields)
      .filter(([name, value]) => !(name in this.conflicts) && !(name in this.refused && same(this.refused[name], value))));
  }

  get nothingToSend() { return Object.keys(this.waiting).length === 0; }

  async send(keepalive) {
    if (this.nothingToSend) return this.settle();
    const fields = this.waiting;
    this.say('sending');
    this.sequence = Math.max(this.sequence + 1, Date.now());
    const revision = Math.min(...Object.keys(fields).map(name => this.store.base(name) ?? 0));
    const change = {revision, fields, device: this.device, sequence: this.sequence};
    const answer = await this.request({
      method: 'PATCH', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(change), keepalive,
    });
    if (!answer) return undefined;
    if (answer.ok) {
      for (const [name, value] of Object.entries(fields)) this.store.confirm(name, value);
      this.take(await answer.json(), fields);
      return this.nothingToSend ? this.settle() : this.after(PAUSE_MS);
    }
    const problem = await answer.json().catch(() => ({}));
    if (problem.code === 'draft-changed') {
      for (const [name, {stored}] of Object.entries(problem.facts.fields)) this.conflicts[name] = stored;
      return this.refresh();
    }
    for (const [name, value] of Object.entries(fields)) this.refused[name] = value;
    this.say('refused', problem);
    return undefined;
  }

  // Send a request; return its answer, or null if it has to be sent again, which is arranged then.
  async request(options = {}) {
    let answer;
    try {
      answer = await this.fetch(this.url, {credentials: 'same-origin', cache: 'no-store', ...options});
    } catch {
      this.again();
      return null;
    }
    if (answer.status === 401) {
      this.say('expired');
      this.onExpired();
      return null;
    }
    if (LATER.includes(answer.status)) {
      this.again(1000 * Number(answer.headers.get('Retry-After') || 0));
      return null;
    }
    this.tries = 0;
    return answer;
  }

  again(pause = 0) {
    this.say('offline');
    this.after(Math.max(pause, RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]));
  }

  settle() {
    if (Object.keys(this.conflicts).length) this.say('conflict');
    else if (this.store.isEmpty) this.say('saved');
  }

  // Ask what the server holds now, and take it.
  async refresh() {
    const answer = await this.request();
    if (!answer) return false;
    if (!answer.ok) {
      this.say('refused', await answer.json().catch(() => ({})));
      return false;
    }
    this.take(await answer.json());
    if (this.nothingToSend) this.settle();
    else this.after(0);
    return true;
  }

  // Take a draft of the server's: fields that were not touched here are shown anew; one that was changed on both sides
  // waits for a choice. `sent` are the values that the server has just taken over.
  take(draft, sent = {}) {
    if (draft.revision < this.server.revision) return; // an answer that a later one has overtaken
    this.onDraft(draft);
    for (const name of new Set([...Object.keys(draft.fields), ...Object.keys(this.server.fields)])) {
      const field = draft.fields[name] || {value: null, revision: draft.revision};
      const known = this.server.fields[name] || {value: null};
      const isNews = !same(known.value, field.value) && !(name in sent && same(sent[name], field.value));
      if (name in this.store.fields) {
        if (same(this.store.fields[name], field.value)) {
          this.store.drop(name);
          delete this.conflicts[name];
        } else if (isNews || name in this.conflicts) this.conflicts[name] = field;
        else if (this.store.base(name) >= this.server.revision) this.store.rebase(name, draft.revision);
      } else if (isNews) this.onServer(name, field);
      this.server.fields[name] = field;
    }
    this.server.revision = draft.revision;
    if (Object.keys(this.conflicts).length) this.ask();
  }

  ask() {
    this.say('conflict');
    this.onConflict(Object.entries(this.conflicts)
      .map(([name, field]) => ({name, mine: this.store.fields[name], theirs: field.value, at: field.at})));
  }

  // Settle a field that two devices changed: keep `value`, which is theirs, mine, or both joined.
  resolve(name, value) {
    const theirs = this.conflicts[name];
    delete this.conflicts[name];
    if (theirs && same(theirs.value, value)) this.store.drop(name);
    else {
      this.store.put(name, value, this.server.revision);
      this.store.rebase(name, this.server.revision);
    }
    this.onServer(name, {value});
    this.after(0);
  }
}

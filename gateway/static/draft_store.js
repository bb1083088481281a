// What a person typed and the server has not confirmed yet, kept in this browser until it has.
//
// A record belongs to one draft, one signed-in unit and one tab, so that two tabs never overwrite each other's record.
// A tab that opens takes over what another tab of the same draft left behind. Nothing here talks to the server.

const PREFIX = 'baijia.draft';

export class DraftStore {
  // `storage` is localStorage or what behaves like it; one that is full or forbidden loses only the safety net.
  constructor(storage, {unit, entry, tab}) {
    this.storage = storage;
    this.draft = `${PREFIX}:${unit}:${entry}:`;
    this.key = this.draft + tab;
    this.works = true;
    this.record = this.read(this.key) || {revision: 0, fields: {}};
    this.others = {};
    for (const key of this.keys()) this.takeOver(key);
  }

  // The fields with unconfirmed values, by name.
  get fields() { return this.record.fields; }
  get revision() { return this.record.revision; }
  get isEmpty() { return Object.keys(this.fields).length === 0; }

  // Note a value that the person typed, on top of the server's `revision`.
  put(name, value, revision) {
    if (this.isEmpty) this.record.revision = revision;
    this.fields[name] = value;
    this.write();
  }

  // Note that all unconfirmed values now stand on top of this revision, because their holder has seen it.
  rebase(revision) {
    this.record.revision = revision;
    this.write();
  }

  // Forget a value that the server confirmed, unless the person has typed another one since.
  confirm(name, value) {
    if (same(this.fields[name], value)) this.drop(name);
  }

  drop(name) {
    delete this.fields[name];
    for (const key of this.others[name] || []) this.removeFrom(key, name);
    delete this.others[name];
    this.write();
  }

  clear() {
    for (const name of Object.keys(this.fields)) this.drop(name);
  }

  takeOver(key) {
    const left = this.read(key);
    for (const [name, value] of Object.entries(left ? left.fields : {})) {
      if (name in this.fields && !same(this.fields[name], value)) continue; // stays for the tab that opens next
      this.record.revision = this.isEmpty ? left.revision : Math.min(this.record.revision, left.revision);
      this.fields[name] = value;
      (this.others[name] = this.others[name] || []).push(key);
    }
  }

  removeFrom(key, name) {
    const left = this.read(key);
    if (!left) return;
    delete left.fields[name];
    this.save(key, left);
  }

  keys() {
    try {
      return Object.keys(this.storage).filter(key => key.startsWith(this.draft) && key !== this.key);
    } catch { return []; }
  }

  read(key) {
    try {
      const found = JSON.parse(this.storage.getItem(key));
      return found && typeof found.fields === 'object' ? found : null;
    } catch { return null; }
  }

  write() { this.save(this.key, this.record); }

  save(key, record) {
    try {
      if (Object.keys(record.fields).length) this.storage.setItem(key, JSON.stringify(record));
      else this.storage.removeItem(key);
      this.works = true;
    } catch { this.works = false; }
  }
}

// Whether two values of a field are the same: texts, numbers, lists and plain objects. All empty values are the same.
export function same(one, other) { return isEmpty(one) ? isEmpty(other) : ordered(one) === ordered(other); }

function isEmpty(value) { return value === null || value === undefined || value.length === 0; }

function ordered(value) {
  return JSON.stringify(value, (_, each) => each && typeof each === 'object' && !Array.isArray(each)
    ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each);
}

// A random name, also where the page is not served over https.
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), each => each.toString(16).padStart(2, '0')).join('');
}

// The name of this tab, which it keeps when it is reloaded.
export function tabName(storage) {
  try {
    const found = storage.getItem(`${PREFIX}.tab`) || randomName();
    storage.setItem(`${PREFIX}.tab`, found);
    return found;
  } catch { return randomName(); }
}

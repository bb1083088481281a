// What a person typed and the server has not confirmed yet, kept in this browser until it has.
//
// A record belongs to one draft, one signed-in unit and one tab, so that two tabs never overwrite each other's record.
// A tab that opens takes over what another tab of the same draft left behind. Each value has its base: the revision of
// the server's that its writer had seen, which no reload makes younger. Nothing here talks to the server.

const PREFIX = 'baijia.draft';

export class DraftStore {
  // `storage` is localStorage or what behaves like it; one that is full or forbidden loses only the safety net.
  constructor(storage, {unit, entry, tab}) {
    this.storage = storage;
    this.draft = `${PREFIX}:${unit}:${entry}:`;
    this.key = this.draft + tab;
    this.works = true;
    this.record = this.read(this.key) || {fields: {}, bases: {}};
    this.others = {};
    for (const key of this.keys()) this.takeOver(key);
  }

  // The fields with unconfirmed values, by name.
  get fields() { return this.record.fields; }
  get isEmpty() { return Object.keys(this.fields).length === 0; }

  // Note a value that the person typed, on top of the server's `revision`.
  put(name, value, revision) {
    if (!(name in this.fields)) this.record.bases[name] = revision;
    this.fields[name] = value;
    this.write();
  }

  base(name) { return this.record.bases[name]; }

  // Note that a value stands on top of this revision, because its holder has seen the field as it is there.
  rebase(name, revision) {
    this.record.bases[name] = revision;
    this.write();
  }

  // Forget a value that the server confirmed, unless the person has typed another one since.
  confirm(name, value) {
    if (same(this.fields[name], value)) this.drop(name);
  }

  drop(name) {
    delete this.fields[name];
    delete this.record.bases[name];
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
      this.record.bases[name] = Math.min(left.bases[name] ?? 0, name in this.fields ? this.base(name) : Infinity);
      this.fields[name] = value;
      (this.others[name] = this.others[name] || []).push(key);
    }
  }

  removeFrom(key, name) {
    const left = this.read(key);
    if (!left) return;
    delete left.fields[name];
    delete left.bases[name];
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
      return found && typeof found.fields === 'object' ? {bases: {}, ...found} : null;
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

// The name of this tab, which it keeps when it is reloaded or leads elsewhere and back.
//
// While a page uses the name it is not in the tab's storage: a tab that is opened from this one, or doubled, gets a copy
// of that, and would otherwise count as the same tab, whose changes replace each other.
export function tabName(storage) {
  const key = `${PREFIX}.tab`;
  let name = '';
  const move = isBack => {
    try {
      if (isBack) storage.setItem(key, name);
      else storage.removeItem(key);
    } catch { /* a tab without storage has another name each time */ }
  };
  try { name = storage.getItem(key) || ''; } catch { /* said above */ }
  name = name || randomName();
  move(false);
  window.addEventListener('pagehide', () => move(true));
  window.addEventListener('pageshow', () => move(false));
  return name;
}

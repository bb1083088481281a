// Files whose upload is not over, kept in this browser's database, so that an upload goes on by itself after a reload.
//
// A file that is too large, or a browser that stores nothing, loses only that: the person chooses the same file again.

const MOST_BYTES = 300 * 1024 * 1024;

export class FileShelf {
  constructor(name = 'baijia-files', databases = window.indexedDB) {
    this.name = name;
    this.databases = databases;
  }

  async put(id, file) {
    if (file.size > MOST_BYTES) return false;
    return (await this.run('readwrite', store => store.put(file, id))) !== undefined;
  }

  get(id) { return this.run('readonly', store => store.get(id)); }
  remove(id) { return this.run('readwrite', store => store.delete(id)); }

  // Run one request in a transaction of its own; return its result, or undefined if anything fails.
  async run(mode, ask) {
    try {
      const database = await this.open();
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction('files', mode);
        const request = ask(transaction.objectStore('files'));
        transaction.oncomplete = () => { database.close(); resolve(request.result); };
        transaction.onabort = transaction.onerror = () => { database.close(); reject(transaction.error); };
      });
    } catch { return undefined; }
  }

  open() {
    return new Promise((resolve, reject) => {
      const request = this.databases.open(this.name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('files');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}

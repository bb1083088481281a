// The list of a judge's entries and the judge's own sheet: stores the pages on the device, says how far that is, and
// sends what waits. Without this script both pages work as they are.

import {keepSending, sendWaiting, startWorker, waitingEntries} from './judge_outbox.js';

const status = document.querySelector('[data-stored]');
keepSending();

const form = document.querySelector('[data-hand-in]');
if (form) {
  form.addEventListener('submit', async event => { // what waits on this device belongs on the sheet
    if (!waitingEntries().length) return;
    event.preventDefault();
    if (!(await sendWaiting()).length) form.submit();
  });
}

const registration = await startWorker();
if (status && registration) {
  const pages = JSON.parse(status.dataset.stored);
  navigator.serviceWorker.addEventListener('message', ({data}) => {
    if (data.total === undefined) return;
    status.textContent = data.done < data.total
      ? status.dataset.storing.replace('{done}', data.done).replace('{total}', data.total)
      : status.dataset.ready;
  });
  const assets = [...document.querySelectorAll('link[rel=stylesheet], link[rel=icon]')].map(each => each.href);
  registration.active.postMessage({store: ['/judge', '/judge/offline', '/judge/sheet', '/judge/practice', ...pages], assets});
} else if (status) status.textContent = status.dataset.none;

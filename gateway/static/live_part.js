// Loads a part of a page again every few seconds while the page is in sight: [data-live] is the address of the part.
const part = document.querySelector('[data-live]');
const failed = document.querySelector('[data-live-failed]');

async function load() {
  if (document.hidden || part.contains(document.activeElement)) return;
  try {
    const answer = await fetch(part.dataset.live, {headers: {Accept: 'text/html'}, redirect: 'manual'});
    if (!answer.ok) throw new Error(answer.status);
    part.innerHTML = await answer.text();
    failed.hidden = true;
  } catch {
    failed.textContent = part.dataset.failed;
    failed.hidden = false;
  }
}

if (part) setInterval(load, 1000 * Number(part.dataset.every));

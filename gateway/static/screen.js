// Keeps the big screen up to date: asks for the page again by its ETag, and puts in what has changed. The screens of a
// hall do not ask all at once: each waits a little longer or shorter.
'use strict';

let known = '', since = new Date();

function wait() {
  const screen = document.querySelector('[data-screen]');
  if (screen) setTimeout(look, Number(screen.dataset.screen) * 1000 * (0.8 + 0.4 * Math.random()));
}

async function look() {
  try {
    if (!document.hidden) await replace();
  } catch {
    const screen = document.querySelector('[data-screen]');
    const time = since.toLocaleTimeString(document.documentElement.lang, {hour: '2-digit', minute: '2-digit'});
    screen.querySelector('[data-state]').textContent = screen.dataset.offline.replace('{time}', time);
    known = '';
  }
  wait();
}

async function replace() {
  const answer = await fetch(location.href, {cache: 'no-cache'});
  if (!answer.ok) throw new Error(answer.status);
  const text = await answer.text();
  since = new Date();
  if (text === known) return;
  known = text;
  const page = new DOMParser().parseFromString(text, 'text/html');
  for (const part of ['.now', 'main']) {
    const before = document.querySelector(part), after = page.querySelector(part);
    if (before && after) before.replaceWith(document.adoptNode(after));
  }
}

wait();

// Loads the page again after some seconds while it says that something runs. Without this script a link does the same.
const waiting = document.querySelector('[data-reload]');

if (waiting) setInterval(() => { if (!document.hidden) location.reload(); }, 1000 * Number(waiting.dataset.reload));

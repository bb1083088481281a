// Copies the link of a page. Without this script the link stands in a field, to be copied by hand.
'use strict';

for (const box of document.querySelectorAll('[data-copy]')) {
  const field = box.querySelector('input'), button = box.querySelector('button'), status = box.querySelector('output');
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = box.dataset.done;
    } catch {
      status.textContent = document.execCommand('copy') ? box.dataset.done : box.dataset.failed;
    }
  });
}

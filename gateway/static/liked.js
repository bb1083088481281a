// After challenge.js has sent a like, show the likes left today and a link to the receipt.
'use strict';

for (const form of document.querySelectorAll('form[data-like]')) {
  form.addEventListener('liked', event => {
    const answer = event.detail, more = form.querySelector('[data-more]');
    const left = `${form.dataset.remaining.replace('{n}', answer.remaining)} ${form.dataset.rule} `;
    more.textContent = answer.remaining === undefined ? '' : left;
    if (!answer.receipt) return;
    const link = document.createElement('a');
    link.href = `/receipts/${answer.receipt}`;
    link.textContent = form.dataset.receipt;
    more.append(link);
  });
}

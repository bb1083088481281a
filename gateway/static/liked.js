// After a like that challenge.js has sent: what is left today, and the receipt.
'use strict';

for (const form of document.querySelectorAll('form[data-like]')) {
  form.addEventListener('liked', event => {
    const told = event.detail, more = form.querySelector('[data-more]');
    const left = `${form.dataset.remaining.replace('{n}', told.remaining)} ${form.dataset.rule} `;
    more.textContent = told.remaining === undefined ? '' : left;
    if (!told.receipt) return;
    const link = document.createElement('a');
    link.href = `/receipts/${told.receipt}`;
    link.textContent = form.dataset.receipt;
    more.append(link);
  });
}

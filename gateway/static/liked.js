// After challenge.js has sent a like or unlike, let the buttons around it show the state: what is liked, what is left
// today, and the receipt by which a like can be taken back.
//
//   <div data-like-box> <form class="to-like" data-like="…"> … <form class="to-unlike" data-like="…"> … </div>
// With `data-once-more` the person tapped before the sign-in, and the like is sent at once: it may need a proof of work.
'use strict';

for (const box of document.querySelectorAll('[data-like-box]')) {
  const [like, unlike] = ['.to-like', '.to-unlike'].map(name => box.querySelector(name));
  const more = box.querySelector('[data-more]'), state = box.querySelector('.state');

  const show = (isLiked, answer) => {
    const hadFocus = box.contains(document.activeElement);
    box.classList.toggle('is-liked', isLiked);
    if (isLiked) {
      unlike.elements.receipt.value = answer.receipt || '';
      state.textContent = answer.status === 'pending' ? box.dataset.pending : box.dataset.liked;
    }
    // The button that was pressed is hidden now: the focus goes to what replaces it, and not to the undo button.
    if (hadFocus) (isLiked ? state : like.querySelector('button')).focus();
  };

  box.addEventListener('liked', event => {
    const answer = event.detail;
    if (['counted', 'already', 'pending'].includes(answer.status)) show(true, answer);
    if (answer.status === 'gone') show(false, answer);
    if (answer.remaining === undefined) return;
    more.textContent = `${box.dataset.remaining.replace('{n}', answer.remaining)} ${box.dataset.rule} `;
    if (!answer.receipt) return;
    const link = document.createElement('a');
    link.href = `/receipts/${answer.receipt}`;
    link.textContent = box.dataset.receipt;
    more.append(link);
  });

  if ('onceMore' in box.dataset) window.addEventListener('DOMContentLoaded', () => like.requestSubmit(), {once: true});
}

// On the card of a list the state takes the place of the button.
for (const card of document.querySelectorAll('.card[data-number]')) {
  card.addEventListener('liked', event => {
    if (!['counted', 'already', 'pending'].includes(event.detail.status)) return;
    card.dataset.liked = '';
    card.querySelector('.card-liked strong').focus();
  });
}

// A page that comes back from the browser's memory may be older than a like that was given since.
window.addEventListener('pageshow', event => { if (event.persisted) location.reload(); });

// Likes the ticked entries of a list with one request, solves the proof of work that it may need, and shows what became
// of each. Without this script the form does the same with a page of its own.
'use strict';

for (const form of document.querySelectorAll('form[data-ballot]')) {
  const status = form.querySelector('[role=status]'), list = form.querySelector('.refusals');
  const ticked = () => [...document.querySelectorAll('input[form=ballot]:checked')];
  const say = text => { status.textContent = text; };
  let key = '', sent = '';

  document.addEventListener('change', event => {
    if (event.target.form === form) say(form.dataset.chosen.replace('{n}', ticked().length));
  });

  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (form.dataset.busy) return;
    const boxes = ticked(), entries = boxes.map(box => box.name.replace('pick.', ''));
    if (!entries.length) return say(form.dataset.none);
    // The same ballot keeps its key until it is answered, so that a doubled tap or a lost answer likes nothing twice.
    if (sent !== entries.join()) [sent, key] = [entries.join(), Challenge.newKey()];
    form.dataset.busy = 'yes';
    try {
      const ticket = form.elements.ticket.value;
      form.elements.ticket.value = ''; // a like ticket serves once
      const answer = await Challenge.order(form.dataset.ballot, {ticket, say, key, body: {entries}});
      if (!answer.answers) return say(Challenge.refusal(answer));
      show(answer, boxes);
      sent = '';
    } catch {
      say(Challenge.away);
    } finally {
      delete form.dataset.busy;
    }
  });

  function show({answers, remaining}, boxes) {
    const refused = answers.filter(each => each.status === 'refused');
    const done = form.dataset.done.replace('{n}', answers.filter(each => each.receipt).length);
    say(remaining === null ? done : `${done} · ${form.dataset.remaining.replace('{n}', remaining)}`);
    list.replaceChildren(...refused.map(({entry, reason}) => {
      const item = document.createElement('li');
      item.textContent = `${entry}: ${reason}`;
      return item;
    }));
    list.hidden = !refused.length;
    answers.forEach((each, k) => {
      if (!each.receipt) return;
      boxes[k].checked = false;
      boxes[k].closest('.card').dataset.liked = '';
    });
  }
}

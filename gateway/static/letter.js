// Solve the proof of work that a letter (a complaint or an objection) may cost, while the person writes.
//
//   <form data-challenge="{…}"> <input type="hidden" name="solution"> <output role="status"></output> … </form>
// With `data-again` the form was sent before and is sent again as soon as the work is done. Without this script the
// sender waits for some minutes instead.
'use strict';

for (const form of document.querySelectorAll('form[data-challenge]')) {
  const status = form.querySelector('[role=status]');
  const say = text => { if (status) status.textContent = text; };
  const solving = Challenge.solve(JSON.parse(form.dataset.challenge), say);
  const send = async () => {
    form.elements.solution.value = await solving;
    form.submit();
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    send();
  });
  if ('again' in form.dataset) send();
}

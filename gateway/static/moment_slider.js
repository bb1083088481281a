// Says in words at which moment a slider over the campaign's time stands, and ties sliders over the logs to their
// numbers. The forms work without this script.
const slider = document.getElementById('slide');
const said = document.getElementById('slide-time');

function say() {
  const form = {timeZone: slider.dataset.zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', form).formatToParts(Number(slider.value)).map(({type, value}) => [type, value]));
  said.textContent = `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
  slider.setAttribute('aria-valuetext', said.textContent);
}

if (slider) {
  slider.addEventListener('input', say);
  say();
}

for (const range of document.querySelectorAll('input[data-for]')) {
  const number = document.getElementById(range.dataset.for);
  range.hidden = false;
  range.addEventListener('input', () => { number.value = range.value; });
  number.addEventListener('input', () => { range.value = number.value; });
}

// Says in words at which moment a slider over the campaign's time stands. The form works without this script.
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

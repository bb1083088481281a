// Counts down to instants of the server's clock: the page brings the server's time, and from then on the seconds that
// have passed are counted, so that a wrong clock of the computer changes nothing.
"use strict";
(() => {
  for (const list of document.querySelectorAll("[data-clock]:not([data-clock-stands])")) {
    const clock = Number(list.dataset.clock), started = performance.now();
    const tick = () => {
      for (const each of list.querySelectorAll("[data-until][data-left]")) {
        const s = Math.ceil((Number(each.dataset.until) - clock - (performance.now() - started)) / 1000);
        const time = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
        each.textContent = s > 0 ? each.dataset.left.replace("{t}", time) : each.dataset.over;
        const button = each.closest("form")?.querySelector("button");
        if (button) button.disabled = s <= 0;
      }
    };
    tick();
    setInterval(tick, 1000);
  }
})();

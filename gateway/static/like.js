"use strict";
// Likes without leaving the page. Whatever goes another way than foreseen, the plain form goes on with.
(() => {
  for (const form of document.querySelectorAll("form[data-like]")) {
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const said = form.querySelector("[role=status]"), button = form.querySelector("button");
      button.disabled = true;
      try {
        const answer = await fetch(`/api/v1/entries/${form.dataset.like}/like`, { method: "POST" });
        const told = await answer.json();
        if (!answer.ok || !(told.status in form.dataset)) {
          form.submit(); // the page tells what it is
          return;
        }
        said.textContent = form.dataset[told.status];
        if (told.remaining !== undefined) said.append(" ", form.dataset.remaining, String(told.remaining));
        if (told.receipt) {
          const link = document.createElement("a");
          link.href = `/receipts/${told.receipt}`;
          link.textContent = form.dataset.receipt;
          said.append(" ", link);
        }
      } catch {
        form.submit();
      } finally {
        button.disabled = false;
      }
    });
  }
})();

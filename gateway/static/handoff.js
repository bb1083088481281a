"use strict";
// Show the QR code for the phone once the page has loaded, and continue when the phone has confirmed.
// Without this script the form does the same on a page of its own.
(() => {
  const form = document.querySelector("[data-handoff]");
  const EVERY_MS = 2000;
  let etag = "";

  async function begin() {
    const answer = await fetch("/api/v1/handoffs", { method: "POST" });
    if (!answer.ok) return;
    const made = await answer.json();
    const shown = document.querySelector("[data-handoff-shown]").content.cloneNode(true);
    shown.querySelector(".code").innerHTML = made.svg; // safe: our own server made it
    shown.querySelector(".digits").textContent = made.code;
    const status = shown.querySelector("[role=status]");
    form.replaceWith(shown);
    const left = () => made.expires - Date.now();
    const began = Date.now(), life = Math.max(0, Math.min(left(), 300000)) || 300000;
    const tick = async () => {
      if (Date.now() - began > life) {
        status.textContent = status.dataset.over;
        return;
      }
      if (await confirmed(made.handoff)) location.reload();
      else setTimeout(tick, EVERY_MS);
    };
    setTimeout(tick, EVERY_MS);
  }

  async function confirmed(handoff) {
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(`/api/v1/handoffs/${handoff}`, { headers, cache: "no-store" });
      if (answer.status !== 200) return false;
      etag = answer.headers.get("ETag") || "";
      if ((await answer.json()).state !== "confirmed") return false;
      return (await fetch(`/api/v1/handoffs/${handoff}/session`, { method: "POST" })).ok;
    } catch {
      return false; // the network failed: try again at the next tick
    }
  }

  begin().catch(() => {}); // the plain form still works
})();

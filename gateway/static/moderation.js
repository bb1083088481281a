// The moderation desk: opens entries without loading the page anew, claims what is opened, and works by keyboard.
// Everything that this does, links and plain forms of the page do too.
"use strict";
(() => {
  const desk = document.querySelector("[data-desk]");
  if (!desk) return;
  const reader = desk.querySelector("[data-reader]");
  const queue = desk.querySelector("[data-queue]");
  const help = document.querySelector("[data-help]");
  const KEYS = "moderation-keys-off", UNTIL = "moderation-until";
  const RENEW_MS = 4 * 60_000;
  let clock = Number(desk.dataset.clock), clockAt = performance.now();
  let images = new Map(); // by address: pictures of the next entry, which are loaded already
  let working = null;
  let sending = false; // a decision is on its way: what is opened meanwhile would hide that it was refused

  const stored = (store, name) => { try { return store.getItem(name); } catch { return null; } };
  const store = (kept, name, value) => { try { kept.setItem(name, value); } catch { /* a browser without storage */ } };
  const keysOn = () => stored(localStorage, KEYS) !== "yes";
  const now = () => ("clockStands" in desk.dataset ? clock : clock + performance.now() - clockAt);
  const article = () => reader.querySelector("[data-case]");

  // Pages

  async function load(url, { push = true, body = null } = {}) {
    if (sending) return true;
    sending = Boolean(body);
    const mine = (working = {});
    reader.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, body ? { method: "POST", body } : {});
      const doc = new DOMParser().parseFromString(await response.text(), "text/html");
      if (working !== mine) return true;
      if (!doc.querySelector("[data-desk]")) return false;
      show(doc);
      if (push) history.pushState({}, "", body && !response.redirected ? location.href : response.url);
      return true;
    } catch {
      return false;
    } finally {
      if (body) sending = false;
      if (working === mine) reader.removeAttribute("aria-busy");
    }
  }

  function show(doc) {
    const from = doc.querySelector("[data-desk]");
    const place = queue.scrollTop;
    clock = Number(from.dataset.clock);
    clockAt = performance.now();
    desk.className = from.className;
    const picked = new Set([...queue.querySelectorAll(".pick input:checked")].map(each => each.name));
    queue.replaceChildren(...from.querySelector("[data-queue]").childNodes);
    for (const each of queue.querySelectorAll(".pick input")) each.checked = picked.has(each.name);
    const part = from.querySelector("[data-reader]");
    for (const img of part.querySelectorAll("img[src]")) {
      const loaded = images.get(img.getAttribute("src"));
      if (loaded) (img.closest("picture") || img).replaceWith(loaded);
    }
    images = new Map();
    reader.replaceChildren(...part.childNodes);
    document.title = doc.title;
    queue.scrollTop = place;
    reader.scrollTop = 0;
    if (matchMedia("(max-width: 59.99rem)").matches) scrollTo(0, 0);
    arrive();
    const wrong = reader.querySelector("[aria-invalid]") || reader.querySelector("[role=alert]");
    (wrong || reader).focus({ preventScroll: true });
    wrong?.scrollIntoView({ block: "center" });
  }

  function arrive() {
    queue.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    for (const each of desk.querySelectorAll("[data-show-keys], [data-rates], [data-quick-until], [data-pick-all-box]")) each.hidden = false;
    if (window.crypto?.subtle) for (const each of reader.querySelectorAll("[data-evidence-file]")) each.hidden = false;
    for (const film of reader.querySelectorAll("video[data-rate]")) {
      film.defaultPlaybackRate = film.playbackRate = Number(film.dataset.rate);
    }
    for (const strip of reader.querySelectorAll("[data-strip] img")) {
      strip.loading = "eager";
      const reveal = () => { strip.parentElement.hidden = strip.naturalWidth === 0; };
      if (strip.complete) reveal(); else strip.addEventListener("load", reveal);
    }
    const until = reader.querySelector("#until");
    if (until && !until.value) until.value = stored(sessionStorage, UNTIL) || "";
    count();
    claim();
    tick();
    prefetch();
  }

  async function prefetch() {
    const url = article()?.dataset.nextUrl;
    if (!url) return;
    try {
      const text = await (await fetch(url)).text();
      if (article()?.dataset.nextUrl !== url) return;
      const doc = new DOMParser().parseFromString(text, "text/html");
      for (const each of doc.querySelectorAll("[data-reader] img[src]")) {
        const picture = document.importNode(each.closest("picture") || each, true);
        (picture.querySelector("img") || picture).loading = "eager";
        images.set(each.getAttribute("src"), picture);
      }
    } catch { /* the next entry is loaded when it is opened */ }
  }

  // Claims

  async function claim() {
    const box = reader.querySelector("[data-claim]"), entry = article()?.dataset.case;
    if (!box || !box.dataset.pending || !box.querySelector("[data-claim-button]")) return;
    if (box.dataset.by === box.dataset.me && Number(box.dataset.until) - now() > 2 * RENEW_MS) return;
    if (box.dataset.by && box.dataset.by !== box.dataset.me) return;
    const form = box.querySelector("form");
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "claim");
    body.set("form", "");
    try {
      const response = await fetch(form.action, { method: "POST", body });
      const doc = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = doc.querySelector("[data-claim]");
      if (article()?.dataset.case !== entry || !fresh) return;
      reader.querySelector("[data-claim]").replaceWith(fresh);
      const row = doc.querySelector(`[data-row="${entry}"]`);
      if (row) queue.querySelector(`[data-row="${entry}"] a`)?.replaceWith(row.querySelector("a"));
      tick();
    } catch { /* the button is still there */ }
  }

  function span(ms) {
    const s = Math.max(0, Math.ceil(ms / 1000));
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  }

  function tick() {
    const box = reader.querySelector("[data-claim]");
    if (!box || !box.dataset.until || "clockStands" in desk.dataset) return;
    const left = Number(box.dataset.until) - now();
    const text = left > 0 ? box.dataset.left.replace("{t}", span(left)) : box.dataset.over;
    box.querySelector("[data-countdown]").textContent = text;
  }

  setInterval(tick, 1000);
  setInterval(() => { if (!document.hidden) claim(); }, RENEW_MS);

  // Clicks and forms

  document.addEventListener("click", event => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target.closest("a, button, img, input");
    if (!target) return;
    const link = target.closest("a[data-open]");
    if (link && desk.contains(link)) {
      event.preventDefault();
      load(link.href).then(ok => { if (!ok) location.assign(link.href); });
    } else if (target.closest("[data-enlarge]")) {
      event.preventDefault();
      enlarge(target.closest("[data-enlarge]"));
    } else if (target.closest("[data-strip]")) {
      event.preventDefault();
      const strip = target.closest("[data-strip]"), box = strip.getBoundingClientRect();
      const film = strip.closest("[data-film]").querySelector("video");
      if (film.duration) film.currentTime = film.duration * Math.min(0.999, (event.clientX - box.left) / box.width);
    } else if (target.dataset.setRate) {
      const film = target.closest("[data-film]");
      film.querySelector("video").playbackRate = Number(target.dataset.setRate);
      for (const each of film.querySelectorAll("[data-set-rate]")) each.setAttribute("aria-pressed", String(each === target));
    } else if (target.closest("[data-quick-until]") && target.dataset.until) {
      reader.querySelector("#until").value = target.dataset.until;
      store(sessionStorage, UNTIL, target.dataset.until);
    } else if ("showKeys" in target.dataset) {
      openHelp();
    } else if ("key" in target.dataset && target.tagName === "A") {
      event.preventDefault();
      ({ r: goReturn, x: goReject, f: goFlag })[target.dataset.key]();
    }
  });

  document.addEventListener("change", event => {
    const target = event.target;
    if (target.dataset.templateFor && target.value) {
      const area = reader.querySelector(`#${target.dataset.templateFor}`);
      area.value = area.value.trim() ? `${area.value.trimEnd()}\n${target.value}` : target.value;
      target.value = "";
      area.focus();
    } else if (target.id === "until") {
      store(sessionStorage, UNTIL, target.value);
    } else if ("pickAll" in target.dataset) {
      for (const each of queue.querySelectorAll(".pick input")) each.checked = target.checked;
      count();
    } else if (target.closest(".pick")) {
      count();
    } else if (target.dataset.digestInto && target.files[0]) {
      digest(target);
    } else if ("keysOn" in target.dataset) {
      store(localStorage, KEYS, target.checked ? "no" : "yes");
    }
  });

  document.addEventListener("submit", event => {
    const form = event.target;
    if (!reader.contains(form) || form.method !== "post" || form.dataset.native) return;
    if (!new URL(form.action).pathname.startsWith("/desk/moderation/entries/")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    load(form.action, { body }).then(ok => {
      if (ok) return;
      form.dataset.native = "yes"; // signed out, or no network: the browser sends it, and shows what comes
      form.requestSubmit(event.submitter);
      delete form.dataset.native;
    });
  });

  addEventListener("popstate", () => load(location.href, { push: false }));

  function count() {
    const output = queue.querySelector("[data-picked]");
    if (!output) return;
    const n = queue.querySelectorAll(".pick input:checked").length;
    output.textContent = n ? output.dataset.text.replace("{n}", n) : "";
    queue.querySelector("[data-bulk-bar]").hidden = !n;
  }

  async function digest(input) {
    const bytes = await crypto.subtle.digest("SHA-256", await input.files[0].arrayBuffer());
    const text = [...new Uint8Array(bytes)].map(each => each.toString(16).padStart(2, "0")).join("");
    reader.querySelector(`#${input.dataset.digestInto}`).value = text;
  }

  function enlarge(link) {
    const all = [...reader.querySelectorAll("[data-enlarge]")];
    let at = all.indexOf(link);
    const box = document.createElement("dialog"), img = new Image(), form = document.createElement("form");
    const close = document.createElement("button");
    box.dataset.large = "";
    form.method = "dialog";
    close.textContent = help.querySelector("form button").textContent;
    form.append(close);
    const turn = () => { img.src = all[at].href; img.alt = all[at].querySelector("img").alt; };
    turn();
    box.append(img, form);
    box.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = (at + step + all.length) % all.length;
      turn();
    });
    box.addEventListener("close", () => { box.remove(); link.focus(); });
    document.body.append(box);
    box.showModal();
  }

  // Keys

  const typing = node => node.isContentEditable || (node.matches?.("input, textarea, select") && !node.matches("[type=checkbox], [type=radio]"));

  document.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey && event.key !== "Enter" || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      if (event.key === "Enter" && event.ctrlKey) finish(event.target);
      return;
    }
    if (document.querySelector("dialog[open]") || event.ctrlKey) return;
    if (event.key === "?") { event.preventDefault(); openHelp(); return; }
    if (!keysOn() || event.repeat) return;
    const work = { j: () => step("next"), k: () => step("previous"), a: goApprove, r: goReturn, x: goReject, f: goFlag };
    const act = work[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function step(way) {
    const here = article();
    if (!here) {
      queue.querySelector("a[data-open]")?.click();
      return;
    }
    const url = here.dataset[`${way}Url`];
    if (url) load(url);
    else if (way === "next") queue.querySelector("[data-next-page]")?.click();
  }

  function goApprove() {
    const form = reader.querySelector("#approve");
    if (!form) return;
    const button = form.querySelector("button"), grade = form.querySelector("#grade");
    if (grade && !grade.value) { grade.focus(); return; }
    if (document.activeElement === button) { form.requestSubmit(button); return; }
    button.focus();
    const armed = reader.querySelector("[data-armed]");
    armed.textContent = armed.dataset.text;
    button.addEventListener("blur", () => { armed.textContent = ""; }, { once: true });
  }

  function goReturn() {
    const all = [...reader.querySelectorAll("[data-remark]")];
    if (!all.length || !reader.querySelector("#return")) return;
    const top = reader.getBoundingClientRect().top;
    const wanted = all.find(each => each.getBoundingClientRect().top > Math.max(0, top)) || all[0];
    wanted.open = true;
    wanted.querySelector("textarea").focus();
    wanted.scrollIntoView({ block: "nearest" });
  }

  function goReject() {
    const area = reader.querySelector("#reason");
    if (!area) return;
    area.focus();
    area.closest("form").scrollIntoView({ block: "center" });
  }

  function goFlag() {
    const field = reader.querySelector("[data-flag-first]");
    if (!field) return;
    field.closest("details").open = true;
    field.focus();
    field.scrollIntoView({ block: "center" });
  }

  function finish(field) {
    const form = field.form;
    if (!form || !["return", "reject"].includes(form.id)) return;
    const until = form.querySelector("#until");
    if (until && !until.value) { until.focus(); until.scrollIntoView({ block: "center" }); return; }
    form.requestSubmit(form.querySelector("button[name=do]"));
  }

  function openHelp() {
    help.querySelector("[data-keys-on]").checked = keysOn();
    help.showModal();
  }

  function fit() {
    desk.style.setProperty("--panes-top", `${Math.ceil(queue.getBoundingClientRect().top + scrollY) + 8}px`);
  }

  addEventListener("resize", fit);
  fit();
  arrive();
})();

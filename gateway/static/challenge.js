// Likes without leaving the page, and the proof of work that one may need first. Nothing is loaded from elsewhere.
//
// A form that likes is marked so, and works without this script as a plain form (then a like that would need work is
// taken as pending):
//   <form method="post" action="…" data-like="/api/v1/entries/A001/like" data-method="POST">
//     <input type="hidden" name="ticket" value="…"> <button>…</button> <output role="status" aria-live="polite"></output>
//   </form>
// What goes on is told in the <output>, in words, and so is that long work still goes on; there is nothing to see, to hear
// or to solve by hand. When the like is answered the form gets the event `liked`, with the answer.
'use strict';

const Challenge = (() => {
  const BATCH = 256; // digests at once: the page stays alive between two batches
  const STILL_MS = 3000; // between two words that the work goes on: more often, and a screen reader says nothing else
  const WORDS = {
    zh: {
      checking: '正在验证…', sending: '正在提交…', away: '网络不通，请稍后再试',
      still: '仍在验证，剩余秒数最多为：',
      counted: '已点赞', already: '今日已赞', pending: '已受理，待核实', accepted: '已受理', gone: '已取消',
    },
    en: {
      checking: 'Checking…', sending: 'Sending…', away: 'No connection, please try again',
      still: 'Still checking, seconds left at most:',
      counted: 'Liked', already: 'Liked already today', pending: 'Accepted, to be verified', accepted: 'Accepted',
      gone: 'Taken back',
    },
  };
  const words = WORDS[document.documentElement.lang.startsWith('en') ? 'en' : 'zh'];

  const bytes = hex => Uint8Array.from(hex.match(/../g) || [], each => parseInt(each, 16));
  const hex = buffer => Array.from(new Uint8Array(buffer), each => each.toString(16).padStart(2, '0')).join('');

  // The key of one try: SHA-256 of salt, nonce and counter, hashed again `cost` − 1 times (altcha's own rule).
  async function key(head, counter, parameters) {
    const data = new Uint8Array(head.length + 4);
    data.set(head);
    new DataView(data.buffer).setUint32(head.length, counter);
    let derived = await crypto.subtle.digest('SHA-256', data);
    for (let round = 1; round < parameters.cost; round += 1) derived = await crypto.subtle.digest('SHA-256', derived);
    return hex(derived.slice(0, parameters.keyLength));
  }

  // The text for the header Challenge-Solution; `none` where the browser cannot work it out.
  async function solve(challenge, say = () => {}) {
    const parameters = challenge.parameters;
    if (!window.crypto || !crypto.subtle || parameters.algorithm !== 'SHA-256') return 'none';
    const head = new Uint8Array([...bytes(parameters.salt), ...bytes(parameters.nonce)]);
    const tries = parameters.data.tries, began = Date.now();
    let told = began;
    for (let first = 0; first < tries; first += BATCH) {
      const now = Date.now();
      if (first && now - told >= STILL_MS) {
        told = now;
        say(`${words.still} ${Math.ceil((told - began) * (tries / first - 1) / 1000)}`);
      }
      const counters = Array.from({length: BATCH}, (_, k) => first + k);
      const keys = await Promise.all(counters.map(counter => key(head, counter, parameters)));
      const found = keys.findIndex(each => each.startsWith(parameters.keyPrefix));
      if (found >= 0) {
        return btoa(JSON.stringify({challenge, solution: {counter: first + found, derivedKey: keys[found]}}));
      }
    }
    return 'none';
  }

  const pause = seconds => new Promise(done => { setTimeout(done, seconds * 1000); });

  // Sends an order; solves what is asked for, fetches another ticket where one has run out, and waits where told to.
  async function order(url, {method = 'POST', ticket = '', say = () => {}} = {}) {
    let solution = '';
    say(words.sending);
    for (let turn = 1; ; turn += 1) {
      const headers = {'Like-Ticket': ticket, 'Accept-Language': document.documentElement.lang};
      if (solution) headers['Challenge-Solution'] = solution;
      const response = await fetch(url, {method, headers, credentials: 'same-origin'});
      const told = await response.json();
      if (response.ok || turn === 5) return told;
      if (told.code === 'challenge-needed') {
        say(words.checking);
        solution = await solve(told.facts.challenge, say);
      } else if (/^ticket-(missing|expired|used|foreign)$/.test(told.code)) {
        const fresh = await fetch('/api/v1/like-tickets', {credentials: 'same-origin'});
        if (!fresh.ok) return fresh.json();
        [ticket] = (await fresh.json()).tickets;
      } else if (told.code === 'too-fast') {
        await pause(Number(response.headers.get('Retry-After')) || 1);
      } else {
        return told;
      }
    }
  }

  async function submit(event) {
    const form = event.currentTarget, field = form.elements.ticket, status = form.querySelector('[role=status]');
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = 'yes'; // not aria-busy: a screen reader would keep what the status says to itself until the end
    const say = text => { if (status) status.textContent = text; };
    try {
      const told = await order(form.dataset.like, {method: form.dataset.method, ticket: field && field.value, say});
      if (field) field.value = ''; // it has served
      say(words[told.status] || told.title || words.away);
      form.dispatchEvent(new CustomEvent('liked', {bubbles: true, detail: told}));
    } catch {
      say(words.away);
    } finally {
      delete form.dataset.busy;
    }
  }

  for (const form of document.querySelectorAll('form[data-like]')) form.addEventListener('submit', submit);
  return {solve, order};
})();

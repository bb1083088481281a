// Like without leaving the page, and solve the proof of work that a like may need first. Nothing is loaded from
// another host.
//
// A like form is marked as below. Without this script it works as a plain form, and a like that would need a proof of
// work is then taken as pending:
//   <form method="post" action="…" data-like="/api/v1/entries/A001/like" data-method="POST">
//     <input type="hidden" name="ticket" value="…"> <button>…</button> <output role="status" aria-live="polite"></output>
//   </form>
// The <output> reports progress in words, also while the work takes long; there is nothing to see, hear or solve by
// hand. When the like is answered, the form gets the event `liked` with the answer.
'use strict';

const Challenge = (() => {
  const BATCH = 256; // digests at once; the page stays responsive between two batches
  const STILL_MS = 3000; // between two progress texts; with more of them, a screen reader would say nothing else
  const WORDS = {
    zh: {
      checking: '正在验证…', sending: '正在提交…', away: '网络不通，请稍后再试',
      still: '仍在验证，剩余秒数最多为：', stop: '。',
      counted: '已点赞', already: '今日已赞', pending: '已收到，核验后计入', accepted: '已受理，再点一次可查结果',
      gone: '这次点赞已收回',
    },
    en: {
      checking: 'Checking…', sending: 'Sending…', away: 'No connection, please try again later',
      still: 'Still checking. Seconds left, at most:', stop: '. ',
      counted: 'Liked', already: 'Already liked today', pending: 'Received, counts once verified',
      accepted: 'Accepted. Tap again to check the outcome.',
      gone: 'This like was taken back',
    },
  };
  const words = WORDS[document.documentElement.lang.startsWith('en') ? 'en' : 'zh'];

  const bytes = hex => Uint8Array.from(hex.match(/../g) || [], each => parseInt(each, 16));
  const hex = buffer => Array.from(new Uint8Array(buffer), each => each.toString(16).padStart(2, '0')).join('');

  // The key of one attempt: SHA-256 of salt, nonce and counter, hashed again `cost` − 1 times (altcha's own rule).
  async function key(head, counter, parameters) {
    const data = new Uint8Array(head.length + 4);
    data.set(head);
    new DataView(data.buffer).setUint32(head.length, counter);
    let derived = await crypto.subtle.digest('SHA-256', data);
    for (let round = 1; round < parameters.cost; round += 1) derived = await crypto.subtle.digest('SHA-256', derived);
    return hex(derived.slice(0, parameters.keyLength));
  }

  // Return the text for the header Challenge-Solution, or `none` if this browser cannot compute it.
  async function solve(challenge, say = () => {}) {
    const parameters = challenge.parameters;
    if (!window.crypto || !crypto.subtle || parameters.algorithm !== 'SHA-256') return 'none';
    const head = new Uint8Array([...bytes(parameters.salt), ...bytes(parameters.nonce)]);
    const tries = parameters.data.tries, began = Date.now();
    let reported = began;
    for (let first = 0; first < tries; first += BATCH) {
      const now = Date.now();
      if (first && now - reported >= STILL_MS) {
        reported = now;
        say(`${words.still} ${Math.ceil((reported - began) * (tries / first - 1) / 1000)}`);
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

  // Send an order: solve a challenge if one is demanded, fetch a new like ticket if the old one is of no use, wait if
  // the server asks for it.
  async function order(url, {method = 'POST', ticket = '', receipt = '', key = '', body, say = () => {}} = {}) {
    let solution = '';
    say(words.sending);
    for (let turn = 1; ; turn += 1) {
      const headers = {'Like-Ticket': ticket, 'Accept-Language': document.documentElement.lang};
      if (key) headers['Idempotency-Key'] = key;
      if (body) headers['Content-Type'] = 'application/json';
      if (receipt) headers['Like-Receipt'] = receipt;
      if (solution) headers['Challenge-Solution'] = solution;
      const response = await fetch(url, {method, headers, body: body && JSON.stringify(body), credentials: 'same-origin'});
      const answer = await response.json();
      if (response.ok || turn === 5) return answer;
      if (answer.code === 'challenge-needed') {
        say(words.checking);
        solution = await solve(answer.facts.challenge, say);
      } else if (/^ticket-(missing|expired|used|foreign)$/.test(answer.code)) {
        const fresh = await fetch('/api/v1/like-tickets', {credentials: 'same-origin'});
        if (!fresh.ok) return fresh.json();
        [ticket] = (await fresh.json()).tickets;
      } else if (answer.code === 'too-fast') {
        await pause(Number(response.headers.get('Retry-After')) || 1);
      } else {
        return answer;
      }
    }
  }

  // A refusal in words, with what one may still do.
  const refusal = ({title, detail}) => [title, detail].filter(Boolean).join(words.stop);

  async function submit(event) {
    const form = event.currentTarget, field = form.elements.ticket, named = form.elements.receipt;
    const status = (form.closest('[data-like-box]') || form).querySelector('[role=status]');
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = 'yes'; // not aria-busy, with which a screen reader would not read the status until the end
    const say = text => { if (status) status.textContent = text; };
    try {
      const answer = await order(form.dataset.like, {
        method: form.dataset.method, ticket: field && field.value, receipt: named && named.value, say,
      });
      if (field) field.value = ''; // a like ticket serves once
      say(words[answer.status] || refusal(answer) || words.away);
      form.dispatchEvent(new CustomEvent('liked', {bubbles: true, detail: answer}));
    } catch {
      say(words.away);
    } finally {
      delete form.dataset.busy;
    }
  }

  for (const form of document.querySelectorAll('form[data-like]')) form.addEventListener('submit', submit);
  const newKey = () => hex(crypto.getRandomValues(new Uint8Array(16)).buffer);
  return {solve, order, refusal, newKey, away: words.away};
})();

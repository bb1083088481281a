// The rule for the texts of an entry, as the service applies it (`shared/text_rule.py`): the same counts, the same places.
// `rule` is `text` of the answer of GET /api/v1/entry-rule. Nothing of the rule is written here a second time.

export function normalForm(text, rule) {
  const ends = rule.line_ends.map((end) => end.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.replace(new RegExp(ends.join("|"), "g"), "\n").normalize("NFC");
}

export function oneLineForm(text, rule) {
  const signs = [...normalForm(text, rule)];
  const blanks = new Set(rule.blanks);
  while (signs.length && blanks.has(signs[0])) signs.shift();
  while (signs.length && blanks.has(signs[signs.length - 1])) signs.pop();
  return signs.join("");
}

export function length(text, rule) {
  return [...normalForm(text, rule)].length;
}

// Every refused character with its place: [{line, column, character, kind, zh, en}].
export function refusedCharacters(text, rule, { oneLine = false } = {}) {
  const signs = [...normalForm(text, rule)];
  const within = (number, ranges) => ranges.find(([first, last]) => first <= number && number <= last);
  const joined = (sign) => sign !== undefined && within(sign.codePointAt(0), rule.joined);
  const found = [];
  let line = 1;
  let column = 0;
  signs.forEach((sign, at) => {
    column += 1;
    const number = sign.codePointAt(0);
    const broken = oneLine && rule.breaks.find(([each]) => each === number);
    const joins = number === rule.joiner && joined(signs[at - 1]) && joined(signs[at + 1]);
    const refused = broken ? [, , "line-break", broken[1], broken[2]] : joins ? undefined : within(number, rule.refused);
    if (refused) {
      const character = `U+${number.toString(16).toUpperCase().padStart(4, "0")}`;
      found.push({ line, column, character, kind: refused[2], zh: refused[3], en: refused[4] });
    }
    if (sign === "\n") {
      line += 1;
      column = 0;
    }
  });
  return found;
}

// A count and its limit as a counter shows them: "2,876 / 3,000 字".
export function counterText(counted, allowed) {
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped(counted)} / ${grouped(allowed)} 字`;
}

// The sentences of this page, and building elements. A citizen's words only ever become text
// nodes: nothing in these files writes markup.
const source = document.getElementById("words");
const said = source ? JSON.parse(source.textContent) : { texts: {} };

export const lang = document.documentElement.lang;
export const site = said.site ?? {};

export function w(key, values = {}) {
  return (said.texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// The service counts letters, a script UTF-16 units: an emoji is one, and two.
function placed(text, marks) {
  if (!marks.length || !/[\ud800-\udfff]/.test(text)) return marks;
  const letters = [...text];
  const unit = (place) => letters.slice(0, place).join("").length;
  return marks.map(([begin, end]) => [unit(begin), unit(end)]);
}

// Text with its bold parts, our own addresses as links and the agency's telephone as a call.
export function rich(text, marks = []) {
  return bolded(text, placed(text, marks));
}

function bolded(text, marks) {
  const holder = document.createDocumentFragment();
  let place = 0;
  for (const [begin, end] of marks) {
    holder.append(...linked(text.slice(place, begin)));
    holder.append(el("strong", {}, ...linked(text.slice(begin, end))));
    place = end;
  }
  holder.append(...linked(text.slice(place)));
  return holder;
}

// The same, line by line: what begins with a dot becomes a list, as a screen reader counts it.
export function lines(text, counted = []) {
  const marks = placed(text, counted);
  const nodes = [];
  let place = 0;
  for (const line of text.split("\n")) {
    const dot = line.startsWith("· ") ? 2 : 0;
    const begin = place + dot;
    const end = place + line.length;
    const inside = marks.filter(([from, to]) => to > begin && from < end)
      .map(([from, to]) => [Math.max(from, begin) - begin, Math.min(to, end) - begin]);
    const words = bolded(line.slice(dot), inside);
    if (!dot) {
      if (line) nodes.push(el("p", {}, words));
    } else if (nodes.at(-1)?.className === "dots") {
      nodes.at(-1).append(el("li", {}, words));
    } else {
      nodes.push(el("ul", { class: "dots" }, el("li", {}, words)));
    }
    place = end + 1;
  }
  return nodes;
}

function linked(text) {
  const phones = site.phones ?? [];
  const known = [...(site.links ?? []), ...phones];
  if (!known.length) return [text];
  const escaped = known.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = new RegExp(`((?:${escaped.join("|")})(?![\\w/-]))`, "g");
  return text.split(found).filter(Boolean).map((part) => {
    if (phones.includes(part)) return el("a", { href: `tel:${part.replace(/[^\d+]/g, "")}` }, part);
    if (known.includes(part)) return el("a", { href: part, rel: "noreferrer" }, part);
    return part;
  });
}

// What this device remembers. A private window may refuse: then nothing is remembered.
function shelf(kind) {
  return {
    get(name) {
      try { return JSON.parse(window[kind].getItem(`chat.${name}`)); } catch { return null; }
    },
    set(name, value) {
      try {
        if (value === null) window[kind].removeItem(`chat.${name}`);
        else window[kind].setItem(`chat.${name}`, JSON.stringify(value));
      } catch { /* not kept */ }
    },
  };
}

// Words on the way stay with the tab and go with it; that there is a conversation stays longer.
export const tab = shelf("sessionStorage");
export const device = shelf("localStorage");

export function forgetAll() {
  for (const kind of ["sessionStorage", "localStorage"]) {
    try {
      for (const key of Object.keys(window[kind])) {
        if (key.startsWith("chat.")) window[kind].removeItem(key);
      }
    } catch { /* nothing was kept */ }
  }
}

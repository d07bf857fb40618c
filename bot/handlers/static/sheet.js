// Words to take away: each block can be copied, all of them come as one text file.
import { el, lines, w } from "./words.js";

export function sheetCard(reply, buttons) {
  const { blocks, name, file } = reply.sheet;
  const card = el("section", { class: "sheet take", tabindex: -1, "data-focus": true, "aria-live": "off", "aria-label": w("sheet.title") });
  card.append(el("div", { class: "words lines" }, ...lines(reply.text, reply.marks)));
  for (const block of blocks) card.append(blockOf(block));
  // Where the words belong is the next step, so its link stands first, and this page stays open.
  const ways = reply.options.filter((option) => option.url);
  card.append(el("p", { class: "row no-print" }, ...ways.map(way), download(name, file)));
  card.append(...buttons(reply.options.filter((option) => !option.url)));
  return card;
}

function blockOf({ label, text }) {
  const words = el("div", { class: "take-words", translate: "no" }, text);
  const said = el("span", { class: "only-read", role: "status" });
  const button = el("button", {
    type: "button", class: "btn btn-tertiary btn-small no-print", "aria-label": w("sheet.copy_of", { label }),
    on: { click: () => copy(text, words, button, said) },
  }, w("sheet.copy"));
  return el("section", { class: "take-block", "aria-label": label },
    el("div", { class: "take-head" }, el("h3", {}, label), button, said), words);
}

// Where the browser does not let a page copy, the words are selected: one key is left to press.
async function copy(text, words, button, said) {
  let copied = false;
  try {
    await navigator.clipboard.writeText(text);
    copied = true;
  } catch {
    window.getSelection().selectAllChildren(words);
  }
  button.textContent = w(copied ? "sheet.copied" : "sheet.selected");
  said.textContent = button.textContent;
}

function way(option) {
  return el("a", { class: "btn btn-primary", href: option.url, target: "_blank", rel: "noreferrer noopener" },
    option.label, el("span", { class: "only-read" }, w("sheet.new_window")));
}

// The mark at the beginning tells old editors that this is UTF-8.
function download(name, file) {
  const href = URL.createObjectURL(new Blob(["\ufeff", file], { type: "text/plain;charset=utf-8" }));
  return el("a", { class: "btn btn-secondary", href, download: name }, w("sheet.file"));
}

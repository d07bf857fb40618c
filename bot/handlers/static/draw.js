// Replies as elements. `act(call, label)` is called with what was pressed.
import { pageForm } from "./fields.js";
import { newsCard } from "./news.js";
import { receiptCard } from "./receipt.js";
import { sheetCard } from "./sheet.js";
import { el, lines, rich, w } from "./words.js";

const LAST = new Set(["back", "cancel"]);

export function ownBubble(text) {
  return el("li", { class: "turn from-me" },
    el("p", { class: "who only-read" }, w("chat.you")),
    el("div", { class: "bubble" }, text));
}

export function draw(reply, act, { news = false } = {}) {
  const turn = el("li", { class: `turn from-service${news ? " news" : ""}`, "data-kind": reply.kind });
  turn.append(el("p", { class: "who", "data-news": w("chat.new_message") }, w("chat.service")));
  const parts = { ask, say, page, summary, cards, picture, receipt, elsewhere, sheet, news: issue };
  (parts[reply.kind] ?? say)(turn, reply, act);
  return turn;
}

function bubble(turn, reply) {
  if (!reply.text && !reply.hint) return;
  const box = el("div", { class: "bubble" }, el("div", { class: "words lines" }, ...lines(reply.text, reply.marks)));
  if (reply.hint) box.append(el("p", { class: "hint" }, rich(reply.hint)));
  turn.append(box);
}

function error(turn, reply) {
  if (reply.error) turn.append(el("p", { class: "error turn-error", "data-error": true }, reply.error));
}

function ask(turn, reply, act) {
  error(turn, reply);
  bubble(turn, reply);
  turn.append(...options(reply.options, act));
}

function say(turn, reply, act) {
  bubble(turn, reply);
  turn.append(...options(reply.options, act));
}

function page(turn, reply, act) {
  turn.append(pageForm(reply, act, (shown) => options(shown, act)));
}

function summary(turn, reply, act) {
  const edits = new Set(reply.items.filter((item) => item.edit).map((item) => item.edit.index));
  // Read from its heading on, where the focus goes, not all at once as news.
  const id = `summary-${reply.turn}`;
  const sheet = el("section", { class: "sheet", "data-focus": true, tabindex: -1, "aria-live": "off", "aria-labelledby": id });
  sheet.append(el("h2", { id }, rich(reply.text)));
  sheet.append(el("dl", { class: "items" }, ...reply.items.map((item) => line(item, act))));
  if (reply.notice) sheet.append(el("p", { class: "notice-box plain" }, rich(reply.notice)));
  const rest = reply.options.filter((option) => !(option.press && edits.has(option.press.index)));
  sheet.append(...options(rest, act));
  turn.append(sheet);
}

function line(item, act) {
  const value = el("dd", {}, item.value);
  if (item.full && item.full !== item.value) {
    value.append(el("details", {}, el("summary", {}, w("chat.all")), el("div", { class: "words" }, item.full)));
  }
  const row = el("div", { class: "item" }, el("dt", {}, item.label), value);
  if (item.edit) {
    const label = w("chat.edit", { label: item.label });
    row.append(el("dd", { class: "item-act" }, el("button", {
      type: "button", class: "btn btn-tertiary btn-small item-edit", "aria-label": label,
      on: { click: () => act({ press: item.edit }, label) },
    }, w("chat.change"))));
  }
  return row;
}

function cards(turn, reply, act) {
  bubble(turn, reply);
  const inside = new Set();
  const list = el("div", { class: "card-list" });
  for (const card of reply.cards) {
    for (const option of card.options) inside.add(key(option));
    list.append(el("section", { class: "card" },
      el("h3", {}, card.title), el("div", { class: "words lines" }, ...lines(card.text)), ...options(card.options, act)));
  }
  turn.append(list, ...options(reply.options.filter((option) => !inside.has(key(option))), act));
}

function picture(turn, reply) {
  turn.append(el("figure", {},
    el("img", { class: "picture", src: `/media/${encodeURIComponent(reply.media)}`, alt: reply.text }),
    reply.hint ? el("figcaption", { class: "small" }, reply.hint) : null));
}

function receipt(turn, reply, act) {
  turn.classList.add("receipt");
  turn.append(receiptCard(reply, (shown) => options(shown, act)));
}

function elsewhere(turn, reply, act) {
  bubble(turn, reply);
  const box = el("div", { class: "options" });
  if (reply.url) box.append(el("a", { class: "btn btn-primary", href: reply.url, rel: "noreferrer" }, reply.label ?? reply.url));
  turn.append(box, ...options(reply.options, act));
}

function sheet(turn, reply, act) {
  turn.append(sheetCard(reply, (shown) => options(shown, act)));
}

function issue(turn, reply, act) {
  turn.append(newsCard(reply), ...options(reply.options, act));
}

function key(option) {
  return JSON.stringify([option.label, option.press, option.command, option.url]);
}

// What can be pressed: answers as a list, what only shows words beside them, going back or
// giving up apart at the end.
export function options(all, act) {
  if (!all.length) return [];
  const shown = el("div", {
    class: "options", role: "group", "aria-label": w("chat.choose"), tabindex: -1, "data-options": true,
  });
  const rest = el("div", { class: "options-rest" });
  const last = el("div", { class: "options-rest options-last" });
  for (const option of all) {
    const place = option.danger || LAST.has(option.role) ? last : option.info ? rest : shown;
    place.append(pressable(option, act, place === shown));
  }
  for (const row of [rest, last]) if (row.children.length) shown.append(row);
  return [shown];
}

function pressable(option, act, main) {
  const words = [el("span", { class: "option-words" }, option.label,
    option.hint ? el("span", { class: "hint" }, option.hint) : null)];
  const look = style(option, main);
  if (option.url) return el("a", { class: `btn ${look}`, href: option.url, rel: "noreferrer" }, ...words);
  const call = option.press ? { press: option.press } : { command: option.command };
  if (!option.press && !option.command) return el("span", {}, ...words);
  return el("button", {
    type: "button", class: `btn ${look}`, "data-turn": option.press ? option.press.turn : null,
    on: { click: () => act(call, option.label) },
  }, ...words);
}

function style(option, main) {
  if (option.danger) return "btn-danger";
  if (!main) return "btn-text";
  if (option.role === "confirm" || option.role === "done") return "btn-primary";
  if (option.role === "skip" || option.role === "edit" || option.role === "retry") return "btn-tertiary";
  return "btn-choice";
}

// A question that was answered keeps its words and loses its buttons.
export function settle(log) {
  for (const node of log.querySelectorAll("[data-turn]")) node.remove();
  for (const form of log.querySelectorAll("form[data-page]")) form.closest(".turn").remove();
  for (const box of log.querySelectorAll("[data-options]")) {
    for (const row of box.querySelectorAll(".options-rest")) if (!row.children.length) row.remove();
    if (!box.children.length) box.remove();
  }
  for (const node of log.querySelectorAll(".item-act")) node.remove();
}


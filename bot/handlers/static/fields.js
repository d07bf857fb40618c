// Several questions as one page: label above, help below it, error beside the field in words.
import { el, lines, rich, tab, w } from "./words.js";

const TYPES = { phone: "tel", email: "email", day: "date" };
const FILLED_BY = { phone: "tel", email: "email", address: "street-address" };
const MANY_OPTIONS = 7;

// What was typed on a page that was left without sending it, so that looking at an explanation
// costs nobody his words.
function typed(step) {
  return tab.get(`page.${step}`) ?? {};
}

export function forgetPages(steps) {
  for (const step of steps) tab.set(`page.${step}`, null);
}

export function pageForm(reply, act, buttons) {
  const kept = typed(reply.step);
  const form = el("form", { class: "sheet", novalidate: true, "data-page": reply.step, autocomplete: "on", "aria-live": "off" });
  const title = el("h2", { tabindex: -1, "data-focus": true }, rich(reply.text, reply.marks));
  const fields = reply.fields.map((field, place) => row(field, `f${reply.turn}-${place}`, kept));
  form.append(title, ...summaryOf(reply, fields), ...fields.map((field) => field.node));
  form.append(...foot(reply, buttons));
  const keep = () => tab.set(`page.${reply.step}`, collect(fields));
  const show = () => fields.forEach((field) => toggle(field, fields));
  form.addEventListener("input", () => { show(); keep(); });
  form.addEventListener("change", () => { show(); keep(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act({ submit: { turn: reply.turn, answers: collect(fields) } }, w("chat.submitted"), { page: reply.step });
  });
  show();
  return form;
}

function foot(reply, buttons) {
  const done = reply.options.find((option) => option.role === "done");
  const send = el("button", { type: "submit", class: "btn btn-primary btn-large btn-wide" }, done?.label ?? w("chat.next"));
  return [send, ...buttons(reply.options.filter((option) => option !== done))];
}

function summaryOf(reply, fields) {
  const wrong = fields.filter((field) => field.error);
  if (!reply.error && !wrong.length) return [];
  const box = el("div", { class: "error-summary stack-s", role: "alert", tabindex: -1, "data-focus": "error" });
  box.append(el("p", { class: "error" }, reply.error ?? w("chat.error_summary", { n: wrong.length })));
  if (wrong.length) {
    box.append(el("ul", {}, ...wrong.map((field) => el("li", {}, el("a", {
      href: `#${field.focus.id}`,
      on: { click: (event) => { event.preventDefault(); field.focus.focus(); } },
    }, `${field.label}: ${field.error}`)))));
  }
  return [box];
}

function row(ask, id, kept) {
  if (ask.input === "notice" || ask.input === "none") {
    return { ask, node: el("div", { class: "notice-box plain words lines" }, ...lines(ask.text, ask.marks)), read: () => undefined };
  }
  const value = kept[ask.step] ?? ask.value ?? null;
  const made = ask.options.length ? choices(ask, id, value) : line(ask, id, value);
  return { ask, label: ask.text, error: ask.error, ...made };
}

function about(ask, id) {
  const ids = [ask.hint ? `${id}-hint` : null, ask.error ? `${id}-error` : null].filter(Boolean);
  return { "aria-describedby": ids.length ? ids.join(" ") : null, "aria-invalid": ask.error ? "true" : null };
}

function heading(ask) {
  return [ask.text, ask.optional ? el("span", { class: "optional" }, ` ${w("chat.optional")}`) : null];
}

function help(ask, id) {
  return ask.hint ? el("p", { class: "hint", id: `${id}-hint` }, rich(ask.hint)) : null;
}

function wrong(ask, id) {
  return ask.error ? el("p", { class: "error", id: `${id}-error` }, ask.error) : null;
}

function line(ask, id, value) {
  const long = ask.input === "long";
  const input = el(long ? "textarea" : "input", {
    id, name: ask.step, class: long ? null : "input", type: long ? null : TYPES[ask.input] ?? "text",
    inputmode: ask.input === "phone" ? "tel" : null, "aria-required": ask.optional ? null : "true",
    autocomplete: FILLED_BY[ask.input] ?? (ask.step === "name" ? "name" : "off"), ...about(ask, id),
  });
  if (typeof value === "string" || typeof value === "number") input.value = value;
  const node = el("div", { class: "field" }, el("label", { for: id }, ...heading(ask)), help(ask, id), input, wrong(ask, id));
  return { node, focus: input, read: () => input.value.trim() };
}

function choices(ask, id, value) {
  if (ask.input !== "many" && ask.options.length >= MANY_OPTIONS) return select(ask, id, value);
  const kind = ask.input === "many" ? "checkbox" : "radio";
  const chosen = new Set(Array.isArray(value) ? value : [value]);
  const inputs = ask.options.map((option, place) => el("input", {
    type: kind, id: place ? `${id}-${place}` : id, name: id, value: option.value ?? option.label,
    checked: chosen.has(option.value ?? option.label),
  }));
  const node = el("fieldset", { class: "field", ...about(ask, id) },
    el("legend", {}, ...heading(ask)), help(ask, id),
    ...ask.options.map((option, place) => el("label", { class: "check check-box" }, inputs[place],
      el("span", {}, option.label, option.hint ? el("span", { class: "hint" }, option.hint) : null))),
    wrong(ask, id));
  const read = () => {
    const on = inputs.filter((input) => input.checked).map((input) => input.value);
    return kind === "checkbox" ? on : on[0] ?? "";
  };
  return { node, focus: inputs[0], read };
}

function select(ask, id, value) {
  const input = el("select", { id, name: ask.step, ...about(ask, id) }, el("option", { value: "" }, w("chat.pick")),
    ...ask.options.map((option) => el("option", { value: option.value ?? option.label }, option.label)));
  if (value !== null) input.value = value;
  const node = el("div", { class: "field" }, el("label", { for: id }, ...heading(ask)), help(ask, id), input, wrong(ask, id));
  return { node, focus: input, read: () => input.value };
}

function toggle(field, fields) {
  const rule = field.ask.shown_if;
  if (!rule) return;
  const other = fields.find((one) => one.ask.step === rule.field);
  field.node.hidden = !other || other.node.hidden || !rule.values.includes(other.read());
}

function collect(fields) {
  const answers = {};
  for (const field of fields) {
    if (field.node.hidden) continue;
    const value = field.read();
    if (value !== undefined) answers[field.ask.step] = value; // "" too: what was emptied is not what was there
  }
  return answers;
}

// The receipt: a number that can be read aloud, a code that is shown once, a way to paper.
import { postJson } from "./transport.js";
import { el, lang, lines, w } from "./words.js";

let unsaved = null; // the code that has not been typed back yet

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

export function receiptCard(reply, buttons) {
  const { number, called, label, code, due_on: due, spoken, proof, qr } = reply.receipt;
  const [title, rest, marks] = parted(reply);
  const card = el("section", { class: "sheet", tabindex: -1, "data-focus": true, "aria-label": w("receipt.title") });
  card.append(el("h2", {}, title));
  const facts = el("dl", { class: "facts" });
  facts.append(el("dt", {}, label), el("dd", {}, readable(number, spoken)));
  if (code) facts.append(el("dt", {}, w("receipt.code")), el("dd", {}, el("span", { class: "code", translate: "no" }, code)));
  if (due) facts.append(el("dt", {}, w("receipt.due")), el("dd", { class: "due" }, el("time", { datetime: due }, day(due))));
  card.append(facts);
  if (code) card.append(el("p", { class: "notice-box warning no-paper" }, w("receipt.code_once")));
  card.append(el("div", { class: "words lines" }, ...lines(rest, marks)));
  if (proof) card.append(signed(proof, qr));
  if (code && called === "reference") card.append(typedBack(number, code));
  card.append(tools(code), ...buttons(reply.options));
  return card;
}

// The first line says what happened: it is the heading.
function parted(reply) {
  const cut = reply.text.indexOf("\n");
  if (cut < 0) return [reply.text, "", []];
  const marks = reply.marks.filter(([begin]) => begin > cut).map(([begin, end]) => [begin - cut - 1, end - cut - 1]);
  return [reply.text.slice(0, cut), reply.text.slice(cut + 1), marks];
}

function readable(number, spoken) {
  const shown = el("span", { class: "number", translate: "no" });
  if (!spoken) {
    shown.append(number);
    return shown;
  }
  shown.append(el("span", { "aria-hidden": "true" }, number), el("span", { class: "only-read" }, spoken));
  return shown;
}

function day(iso) {
  const at = new Date(`${iso}T00:00:00Z`);
  const part = (name, form) => new Intl.DateTimeFormat(lang, { timeZone: "UTC", [name]: form }).format(at);
  if (lang !== "ko") return `${part("weekday", "short")} ${at.getUTCDate()} ${part("month", "short")} ${at.getUTCFullYear()}`;
  return `${at.getUTCMonth() + 1}월 ${at.getUTCDate()}일(${part("weekday", "short")})`;
}

// The signed line and the same as a QR code: it proves the filing where the office has lost it.
function signed(proof, qr) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${qr.size} ${qr.size}`);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", w("receipt.proof_code"));
  const dark = document.createElementNS(space, "path");
  dark.setAttribute("d", qr.path);
  picture.append(dark);
  return el("details", { class: "proof" }, el("summary", {}, w("receipt.proof")), el("p", { class: "hint" }, w("receipt.proof_hint")),
    el("div", { class: "proof-row" }, picture, el("p", { class: "proof-line", translate: "no" }, proof)));
}

function tools(code) {
  const row = el("div", { class: "row no-print" });
  if (typeof window.print === "function") {
    row.append(el("button", { type: "button", class: "btn btn-tertiary", on: { click: () => window.print() } }, w("receipt.print")));
  }
  if (code && navigator.clipboard) {
    const button = el("button", { type: "button", class: "btn btn-tertiary" }, w("receipt.code_copy"));
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code);
      button.textContent = w("receipt.copied");
    });
    row.append(button);
  }
  return row;
}

// Without a name, number and code are the only way back: who leaves should have them (S24).
function typedBack(number, code) {
  unsaved = code;
  const result = el("p", { id: "typed-result", role: "status" });
  const input = el("input", {
    class: "input code-input", id: "typed-code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    "aria-describedby": "typed-hint typed-result",
  });
  const form = el("form", { class: "no-paper stack-s", novalidate: true },
    el("label", { class: "label", for: "typed-code" }, w("receipt.typed_back")),
    el("p", { class: "hint", id: "typed-hint" }, w("receipt.typed_hint")),
    input, result, el("button", { type: "submit", class: "btn btn-secondary" }, w("receipt.typed_check")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const right = plain(input.value) === plain(code);
    input.setAttribute("aria-invalid", String(!right));
    result.className = right ? "right" : "error";
    result.textContent = w(right ? "receipt.typed_right" : "receipt.typed_wrong");
    if (!right) return input.focus();
    unsaved = null;
    // Noted with the case that its code was kept; nothing here depends on the answer.
    postJson("/kept", { number, code }).catch(() => {});
  });
  return form;
}

function plain(code) {
  return code.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

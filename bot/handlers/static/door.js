// One-time links. The secret stands behind the #, is taken out of the address at once, and is
// used up by the button only.
import { Trouble, newId, postJson } from "./transport.js";
import { device, lang, tab, w } from "./words.js";

const $ = (id) => document.getElementById(id);
const kind = $("door").dataset.kind;
const secret = window.location.hash.slice(1);
history.replaceState(null, "", window.location.pathname + window.location.search);

const query = lang === "ko" ? "" : `?lang=${lang}`;
let busy = false;
let over = false; // the draft of this browser may give way: said by a second press

function refuse(code) {
  const known = ["gone", "wrong", "draft", "too_many"];
  const place = $("door-problem");
  place.textContent = w(known.includes(code) ? `handover.${code}` : "chat.broken");
  place.hidden = false;
  place.focus();
}

async function look() {
  if (!secret) return refuse("gone");
  try {
    const found = await postJson(`/c/look${query}`, { secret });
    if (found.kind !== kind) return refuse("gone");
    if (kind === "dialog") $("door-ask").textContent = w("handover.ask", { channel: found.channel });
    $("door-form").hidden = false;
  } catch (trouble) {
    refuse(trouble instanceof Trouble && trouble.code === "malformed" ? "gone" : trouble.code);
  }
}

function wrongDigits(words) {
  $("digits-error").textContent = words;
  $("digits-error").hidden = false;
  $("digits").setAttribute("aria-invalid", "true");
  $("digits").focus();
}

function askOver() {
  over = true;
  $("door-yes").textContent = w("handover.over");
  refuse("draft");
}

async function redeem() {
  if (busy) return;
  const digits = $("digits")?.value.normalize("NFKC").trim() ?? "";
  if (kind === "dialog" && !/^\d\d$/.test(digits)) return wrongDigits(w("handover.digits_error"));
  busy = true;
  try {
    if (kind === "dialog") {
      const answer = await postJson(`/c${query}`, { secret, digits, tell: $("tell").checked, over, lang });
      device.set("known", true);
      tab.set("pending", { id: newId(), call: { command: "continue" } });
      window.location.assign(answer.go + query);
    } else {
      show(await postJson(`/k${query}`, { secret }));
    }
  } catch (trouble) {
    if (trouble.code === "wrong") return wrongDigits(w("handover.wrong"));
    if (trouble.code === "draft") return askOver();
    $("door-form").hidden = true;
    refuse(trouble.code);
  } finally {
    busy = false;
  }
}

function show(found) {
  $("door-form").hidden = true;
  $("door-label").textContent = found.label;
  $("door-number").textContent = found.number;
  $("door-secret").textContent = found.code;
  $("door-code").hidden = false;
  $("door-code").focus();
}

$("door-form").addEventListener("submit", (event) => { event.preventDefault(); redeem(); });
look();

// The conversation on the page: one thing under way at a time, nothing typed is ever dropped.
import { draw, ownBubble, settle } from "./draw.js";
import { forgetPages } from "./fields.js";
import { Trouble, listen, newId, say, sendFiles } from "./transport.js";
import { device, el, forgetAll, lang, site, tab, w } from "./words.js";

const $ = (id) => document.getElementById(id);
const log = $("log");
const text = $("text");
const send = $("send");
const picker = $("files");
const WAITS = [2, 5, 10, 20, 30, 60]; // seconds until what failed is tried again by itself
const COARSE = window.matchMedia("(pointer: coarse)");

let current = null; // the thing under way: {id, call, label, page, files, bubble, state, tries}
let open = null; // the reply that waits for an answer
let stopListening = null;
let retry = 0;
let slow = 0;

// What a person does ------------------------------------------------------------------------

function act(call, label, more = {}) {
  if (current) return; // a second press of the same button is the same press
  begin({ id: newId(), call, label, ...more });
}

function begin(thing) {
  current = { tries: 0, ...thing };
  current.bubble = thing.label ? ownBubble(thing.label) : null;
  if (current.bubble) {
    current.state = el("p", { class: "state", role: "status" });
    current.bubble.append(current.state);
    log.append(current.bubble);
    current.bubble.scrollIntoView({ block: "nearest" });
  }
  if (!thing.files) tab.set("pending", { id: thing.id, call: thing.call, label: thing.label, page: thing.page });
  attempt();
}

async function attempt() {
  const thing = current;
  window.clearTimeout(retry);
  slow = window.setTimeout(() => tell(w("chat.sending")), 800); // only what takes its time is news
  busy(true);
  try {
    const answer = thing.files
      ? await sendFiles(thing.id, thing.files, thing.text, lang)
      : await say({ id: thing.id, ...thing.call }, lang);
    arrived(thing, answer);
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    failed(thing, trouble);
  }
}

function arrived(thing, answer) {
  done();
  device.set("known", true);
  if (thing.page) forgetPages([thing.page]);
  if (thing.state) thing.state.remove();
  // A page that comes back with errors was not taken: nothing was sent yet.
  if (thing.page && answer.replies.some((reply) => reply.kind === "page" && reply.error)) thing.bubble?.remove();
  show(answer.replies, { quiet: thing.quiet });
  if (!stopListening) stopListening = listen(lang, heard);
}

function done() {
  current = null;
  tab.set("pending", null);
  busy(false);
  tell("");
}

function failed(thing, trouble) {
  busy(false);
  if (trouble.code === "unknown") return restart(thing);
  if (!trouble.passing) return giveBack(thing, trouble);
  const seconds = trouble.after || WAITS[Math.min(thing.tries, WAITS.length - 1)];
  thing.tries += 1;
  const words = { offline: "chat.offline", overloaded: "chat.busy", crowded: "chat.crowded", too_many: "chat.too_many" };
  tell(w(words[trouble.code] ?? "chat.broken"));
  if (thing.state) {
    thing.state.className = "state bad";
    thing.state.replaceChildren(w("chat.failed"), el("button", {
      type: "button", class: "btn btn-secondary btn-small", on: { click: attempt },
    }, w("chat.again")));
    // The second frame knows how high the field has become by saying so.
    requestAnimationFrame(() => requestAnimationFrame(() => thing.bubble.scrollIntoView({ block: "nearest" })));
  }
  retry = window.setTimeout(attempt, seconds * 1000);
}

// What cannot be taken goes back to where it was typed.
function giveBack(thing, trouble) {
  done();
  const known = { conflict: "chat.conflict", too_large: "chat.too_large", too_many_files: "chat.too_many_files" };
  if (thing.bubble) thing.bubble.remove();
  if (thing.call?.text && !text.value) fill(thing.call.text);
  complain(w(known[trouble.code] ?? "chat.broken"));
  if (thing.page || thing.call?.press) say({ id: newId(), command: "resume" }, lang).then((answer) => show(answer.replies), () => {});
}

function restart(thing) {
  done();
  device.set("known", null);
  if (thing.bubble) thing.bubble.remove();
  if (thing.call?.text && !text.value) fill(thing.call.text);
  if (!thing.quiet) complain(w("chat.lost"));
}

function heard(reply) {
  log.append(draw(reply, act, { news: true }));
}

// What comes back ---------------------------------------------------------------------------

function show(replies, { quiet = false } = {}) {
  if (!replies.length) return;
  settle(log);
  const turns = replies.map((reply) => draw(reply, act));
  log.append(...turns);
  $("hello")?.querySelector("[data-menu]")?.remove();
  open = replies.findLast((reply) => reply.turn !== null) ?? null;
  prepare(open, replies);
  reveal(turns);
  if (!quiet) focusOn(turns);
}

function prepare(reply, replies) {
  const label = { page: "chat.compose_submit", summary: "chat.compose_submit" }[reply?.kind]
    ?? (reply?.input === "choice" || reply?.input === "consent" ? "chat.compose_choice" : "chat.compose");
  $("compose-label").textContent = w(label);
  // A long sheet is read to its end before the field is wanted: there it does not cover the page.
  $("dock").classList.toggle("rest", replies.some((one) => ["page", "summary", "receipt", "sheet"].includes(one.kind)));
  $("attach").hidden = !reply;
  const progress = reply?.progress;
  $("progress").hidden = !progress;
  if (progress) {
    const [now, total] = progress;
    $("progress-bar").setAttribute("width", String((100 * now) / total));
    $("progress-short").textContent = `${now}/${total}`;
    $("progress-long").textContent = w("chat.progress", { now, total });
  }
  complain(reply?.kind === "page" ? "" : reply?.error ?? "");
}

// How far the field covers the end of the page: what is scrolled to stays above it.
new ResizeObserver(() => {
  document.documentElement.style.setProperty("--dock", `${$("dock").offsetHeight}px`);
}).observe($("dock"));

function reveal(turns) {
  const room = window.innerHeight - ($("dock").classList.contains("rest") ? 0 : $("dock").offsetHeight);
  const height = turns.at(-1).getBoundingClientRect().bottom - turns[0].getBoundingClientRect().top;
  const smooth = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (height < room * 0.8) turns.at(-1).scrollIntoView({ block: "end", behavior: smooth });
  else turns[0].scrollIntoView({ block: "start", behavior: smooth });
}

// Focus goes to what has to be done next: the errors, the page, the answers, or the field. A
// phone's keyboard would cover the question, so there it waits until the field is touched.
function focusOn(turns) {
  const wanted = turns.flatMap((turn) => [...turn.querySelectorAll("[data-focus]")]);
  const error = wanted.find((node) => node.dataset.focus === "error");
  const group = turns.at(-1).querySelector("[data-options]");
  const writing = open && ["text", "long", "phone", "email", "address", "place", "lookup", "day"].includes(open.input);
  const target = error ?? wanted.at(-1) ?? (writing && !COARSE.matches ? text : group ?? (COARSE.matches ? null : text));
  target?.focus({ preventScroll: true });
}

function busy(on) {
  if (!on) window.clearTimeout(slow);
  send.setAttribute("aria-disabled", String(on));
  log.setAttribute("aria-busy", String(on));
}

function tell(words) {
  $("status").textContent = words;
}

function complain(words) {
  const place = $("compose-error");
  place.hidden = !words;
  place.textContent = words;
  if (words) text.setAttribute("aria-invalid", "true");
  else text.removeAttribute("aria-invalid");
}

// Writing -----------------------------------------------------------------------------------

function fill(words) {
  text.value = words;
  grow();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
  tab.set("draft", text.value || null);
}

function chosen() {
  const list = $("chosen");
  const files = [...picker.files];
  list.hidden = !files.length;
  list.replaceChildren(...files.map((file, place) => el("li", {}, file.name, el("button", {
    type: "button", class: "btn btn-text", "aria-label": w("chat.remove", { name: file.name }),
    on: { click: () => { without(place); $("attach").focus(); } },
  }, "✕"))));
}

function without(place) {
  const rest = new DataTransfer();
  [...picker.files].forEach((file, index) => { if (index !== place) rest.items.add(file); });
  picker.files = rest.files;
  chosen();
}

function submit() {
  const words = text.value;
  const files = [...picker.files];
  if (current) return;
  if (!files.length && !words.trim()) {
    complain(w("chat.empty"));
    text.focus();
    return;
  }
  if (files.length > site.files) {
    complain(w("chat.too_many_files"));
    return;
  }
  const large = files.find((file) => file.size > site.file_bytes);
  if (large) {
    complain(w("chat.file_large", { name: large.name, mb: Math.floor(site.file_bytes / 1048576) }));
    return;
  }
  complain("");
  if (files.length) {
    const names = files.map((file) => file.name).join(", ");
    begin({ id: newId(), files, text: words, call: { text: words }, label: [words, names].filter(Boolean).join("\n") });
  } else {
    act({ text: words }, words);
  }
  picker.value = "";
  chosen();
  fill("");
}

$("compose").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
text.addEventListener("input", () => { grow(); if (text.value.trim()) complain(""); });
text.addEventListener("keydown", (event) => {
  // Enter sends where there is a real keyboard; while Hangul is being composed it belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || COARSE.matches) return;
  event.preventDefault();
  submit();
});
$("attach").addEventListener("click", () => picker.click());
picker.addEventListener("change", () => { chosen(); send.focus(); });
window.addEventListener("online", () => { if (current) attempt(); });
document.querySelector("[data-leave]")?.addEventListener("submit", forgetAll);
$("hello").querySelector("[data-menu]").addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button) act({ command: button.value }, button.textContent.trim());
});

// Coming back -------------------------------------------------------------------------------

fill(tab.get("draft") ?? "");
const pending = tab.get("pending");
if (pending) begin(pending);
else if (device.get("known")) begin({ id: newId(), call: { command: "resume" }, quiet: true });

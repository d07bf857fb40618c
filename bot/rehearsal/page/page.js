// The rehearsal's own controls: the clock, a broken channel, and what was sent.
const now = document.getElementById("now");
const list = document.getElementById("sent");
const none = document.getElementById("none");
const moving = document.getElementById("moving");
const fault = document.getElementById("fault");
const desk = document.getElementById("desk");
let seen = "";

function item(row) {
  const li = document.createElement("li");
  const to = document.createElement("span");
  to.className = "to";
  to.textContent = `${row.at} · ${row.to}`;
  const text = document.createElement("span");
  text.className = "text";
  text.textContent = row.text;
  li.append(to, ...row.pictures.map(picture), text);
  if (row.letter) {
    const open = document.createElement("a");
    open.href = `/rehearsal/letters/${row.letter}`;
    open.target = "_blank";
    open.rel = "noopener";
    open.textContent = list.dataset.letter;
    li.append(open);
  }
  return li;
}

// What it shows is told in the words under it.
function picture(src) {
  const img = document.createElement("img");
  img.src = src;
  img.alt = "";
  return img;
}

function show(state) {
  now.textContent = state.now;
  fault.setAttribute("aria-pressed", String(state.fault));
  const mark = JSON.stringify(state.sent);
  if (mark === seen) return;
  seen = mark;
  list.replaceChildren(...state.sent.map(item));
  none.hidden = state.sent.length > 0;
}

async function look() {
  try {
    const answer = await fetch("/rehearsal/state", { cache: "no-store" });
    if (answer.ok) show(await answer.json());
  } catch {
    now.textContent = "…";
  }
}

// Somebody is in the middle of a form on the desk: loading it anew would take the words away.
function writing() {
  const fields = desk.contentDocument.querySelectorAll("textarea, input, select");
  return [...fields].some((field) => {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.options) {
      const own = [...field.options].filter((one) => one.defaultSelected);
      return field.selectedIndex !== (own.length ? own[0].index : 0);
    }
    return field.value !== field.defaultValue;
  });
}

async function act(path, body) {
  const buttons = document.querySelectorAll(".clock button");
  buttons.forEach((b) => { b.disabled = true; });
  moving.hidden = false;
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) show(await answer.json());
    if (path === "/rehearsal/clock" && !writing()) desk.contentWindow.location.reload();
  } finally {
    buttons.forEach((b) => { b.disabled = false; });
    moving.hidden = true;
  }
}

document.querySelectorAll("[data-move]").forEach((button) => {
  button.addEventListener("click", () => act("/rehearsal/clock", { move: button.dataset.move }));
});
fault.addEventListener("click", () => {
  act("/rehearsal/fault", { broken: fault.getAttribute("aria-pressed") !== "true" });
});
look();
setInterval(look, 2000);

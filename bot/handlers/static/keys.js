// Keys for who works without a mouse. Every one of them does only what a link or a button on the
// page does too. They can be switched off or kept to the list (WCAG 2.1.4), and are never taken
// from somebody who writes.
(function () {
  "use strict";

  var MODES = ["on", "list", "off"];

  function mode() {
    try {
      var kept = window.localStorage.getItem("desk.keys");
      return MODES.indexOf(kept) >= 0 ? kept : "on";
    } catch (e) { return "on"; }
  }
  function keep(value) {
    try { window.localStorage.setItem("desk.keys", value); } catch (e) { /* not kept */ }
  }

  function links() {
    return Array.prototype.slice.call(
      document.querySelectorAll("[data-rows] tbody th[scope=row] a")
    );
  }
  function row() {
    var at = document.activeElement && document.activeElement.closest("[data-rows] tbody tr");
    return at || null;
  }
  function current() { return row() ? row().querySelector("th[scope=row] a") : null; }

  function step(by) {
    var all = links();
    if (!all.length) { return false; }
    var place = all.indexOf(current());
    var next = place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by;
    if (next >= 0 && next < all.length) { all[next].focus(); }
    return true;
  }

  function press(selector) {
    var found = document.querySelector(selector);
    if (!found) { return false; }
    found.click();
    return true;
  }

  function go(end) {
    var link = current();
    if (!link || (end && "only" in link.dataset)) { return false; }
    window.location.assign(link.href + end);
    return true;
  }

  function assign() {
    var box = row() && row().querySelector("input[name=row]");
    var select = document.getElementById("handler");
    if (!box || !select) { return press("[data-act=assign], [data-act=reassign]"); }
    box.checked = true;
    select.focus();
    return true;
  }

  function find() {
    var field = document.querySelector("[data-key-find]");
    if (!field) { return false; }
    field.focus();
    return true;
  }

  function tick() {
    var box = row() && row().querySelector("input[name=row]");
    if (!box) { return false; }
    box.checked = !box.checked;
    return true;
  }

  function help() {
    var box = document.getElementById("keys");
    if (!box || typeof box.showModal !== "function") { return false; }
    box.showModal();
    return true;
  }

  var KEYS = {
    "j": function () { return step(1); },
    "k": function () { return step(-1); },
    "o": function () { return go(""); },
    "x": tick,
    "a": assign,
    "n": function () { return row() ? go("/moves/note") : press("[data-act=note]"); },
    "/": find,
    "?": help
  };

  function writes(at) {
    return Boolean(at && at.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])"));
  }

  document.addEventListener("keydown", function (event) {
    var now = mode();
    var work = Object.prototype.hasOwnProperty.call(KEYS, event.key) ? KEYS[event.key] : null;
    if (!work || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) { return; }
    if (now === "off" || (now === "list" && !row())) { return; }
    if (writes(event.target) || document.querySelector("dialog[open]")) { return; }
    if (work()) { event.preventDefault(); }
  });

  function copying() {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      var field = document.getElementById(button.dataset.copy);
      var said = button.parentElement.querySelector("[data-copy-said]");
      button.hidden = false;
      button.addEventListener("click", function () {
        function done() { said.textContent = button.dataset.copied; }
        function by_hand() {
          field.focus();
          field.select();
          if (document.execCommand("copy")) { done(); }
        }
        if (navigator.clipboard && window.isSecureContext) {
          navigator.clipboard.writeText(field.value).then(done).catch(by_hand);
        } else { by_hand(); }
      });
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    copying();
    document.querySelectorAll("[data-keys-help]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", help);
    });
    document.querySelectorAll("[data-keys-mode]").forEach(function (select) {
      select.value = mode();
      select.addEventListener("change", function () { keep(select.value); });
    });
  });
})();

// The desk works without this file. It only warns before a session ends, hides what does not
// apply, keeps a checklist current while somebody writes, and swallows a second press.
(function () {
  "use strict";

  function each(selector, work) { document.querySelectorAll(selector).forEach(work); }

  // A session ends after 15 minutes without a request: say so two minutes before, and let the
  // person go on with one press (WCAG 2.2.1).
  function idle() {
    var body = document.body;
    var box = document.getElementById("idle");
    var seconds = Number(body.dataset.idle || 0);
    if (!box || !seconds || typeof box.showModal !== "function") { return; }
    var warn = 0;
    var over = 0;
    function wait() {
      window.clearTimeout(warn);
      window.clearTimeout(over);
      warn = window.setTimeout(function () { box.showModal(); }, (seconds - 120) * 1000);
      over = window.setTimeout(function () {
        box.querySelector("[data-idle-text]").hidden = true;
        box.querySelector("[data-idle-over]").hidden = false;
        if (!box.open) { box.showModal(); }
      }, seconds * 1000);
    }
    box.addEventListener("close", function () {
      var form = new URLSearchParams();
      form.set("seal", body.dataset.seal);
      window.fetch(body.dataset.stay, { method: "POST", body: form, credentials: "same-origin" })
        .then(function (answer) { if (answer.ok) { wait(); } })
        .catch(function () { /* no network: the next press will tell */ });
    });
    wait();
  }

  // The ticket of an invitation stands behind the #, so that it is in no log. Take it into the
  // field and out of the address.
  function invitation() {
    var form = document.querySelector("[data-invite]");
    var ticket = window.location.hash.slice(1);
    if (!form || !ticket) { return; }
    form.elements.ticket.value = ticket;
    form.querySelector("[data-invite-field]").hidden = true;
    window.history.replaceState(null, "", window.location.pathname);
    form.elements.password.focus();
  }

  function valuesOf(form, name) {
    return new FormData(form).getAll(name).filter(function (value) {
      return typeof value === "string" ? value.trim() !== "" : value.size > 0;
    });
  }

  // Fields that hang on another answer. Hidden ones are disabled, so that they are not sent.
  function conditions(form) {
    function show() {
      form.querySelectorAll("[data-when]").forEach(function (field) {
        var wanted = field.dataset.is.split(" ");
        var fits = valuesOf(form, field.dataset.when).some(function (value) {
          return wanted.indexOf(value) >= 0;
        });
        field.hidden = !fits;
        if (field.tagName === "FIELDSET") { field.disabled = !fits; }
        field.querySelectorAll("input, select, textarea").forEach(function (input) {
          input.disabled = !fits;
        });
      });
    }
    form.addEventListener("change", show);
    show();
  }

  // The checklist before an answer is sent: the server decides, this only shows it sooner.
  function checklist(form) {
    var list = document.querySelector("[data-checklist]");
    var button = form.querySelector("[data-checked]");
    if (!list) { return; }
    function look() {
      var open = 0;
      list.querySelectorAll("[data-needs]").forEach(function (item) {
        var filled = item.dataset.needs.split(" ").every(function (name) {
          var field = form.elements[name.replace("?", "")];
          if (name.slice(-1) === "?" && (!field || field.disabled)) { return true; }
          return valuesOf(form, name.replace("?", "")).length > 0 ||
            valuesOf(form, "kept." + name).length > 0;
        });
        item.classList.toggle("is-done", filled);
        item.querySelector("[data-done]").hidden = !filled;
        item.querySelector("[data-open]").hidden = filled;
        if (!filled) { open += 1; }
      });
      open += list.querySelectorAll("[data-fixed-open]").length;
      if (button) { button.disabled = open > 0; }
    }
    form.addEventListener("input", look);
    form.addEventListener("change", look);
    look();
  }

  function once(form) {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      try { window.sessionStorage.setItem("desk.sent", "1"); } catch (e) { /* not kept */ }
      window.setTimeout(function () { sent = false; }, 4000);
    });
  }

  // Who sent a form goes on where its answer is: what is wrong, what was done, or the heading.
  function land() {
    var sent = false;
    try {
      sent = window.sessionStorage.getItem("desk.sent") === "1";
      window.sessionStorage.removeItem("desk.sent");
    } catch (e) { /* not kept */ }
    var place = document.getElementById("errors");
    if (!place && sent && !document.querySelector("[autofocus]")) {
      place = document.querySelector(".desk-said") || document.querySelector("#main h1");
      if (place) { place.tabIndex = -1; }
    }
    if (place) { place.focus(); }
  }

  document.addEventListener("DOMContentLoaded", function () {
    idle();
    if (window.matchMedia("(max-width: 767px)").matches) {
      each("details[data-open-wide]", function (box) { box.open = false; });
    }
    invitation();
    each("form[method=post]", function (form) { once(form); });
    each("form[data-fields]", function (form) { conditions(form); checklist(form); });
    each("[data-submit-on-change]", function (field) {
      field.addEventListener("change", function () { field.form.requestSubmit(); });
    });
    land();
  });
})();

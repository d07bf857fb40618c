// Runs before the first paint: the reader's own contrast and text size, kept on this device only.
(function () {
  "use strict";
  var root = document.documentElement;
  var sizes = ["small", "normal", "large", "xlarge", "xxlarge"];

  function read(name) {
    try { return window.localStorage.getItem(name); } catch (e) { return null; }
  }
  function keep(name, value) {
    try { window.localStorage.setItem(name, value); } catch (e) { /* private window: not kept */ }
  }
  function high() {
    var chosen = read("look.contrast");
    if (chosen) { return chosen === "high"; }
    return Boolean(window.matchMedia && window.matchMedia("(prefers-contrast: more)").matches);
  }
  function size() {
    var chosen = read("look.size");
    return sizes.indexOf(chosen) >= 0 ? chosen : "normal";
  }
  function apply() {
    root.setAttribute("data-contrast", high() ? "high" : "normal");
    root.setAttribute("data-size", size());
  }
  apply();
  root.classList.add("js");

  document.addEventListener("DOMContentLoaded", function () {
    function show() {
      document.querySelectorAll("[data-look-contrast]").forEach(function (button) {
        button.setAttribute("aria-pressed", String(high()));
      });
      document.querySelectorAll("[data-look-size]").forEach(function (select) {
        select.value = size();
      });
    }
    document.querySelectorAll("[data-look-contrast]").forEach(function (button) {
      button.addEventListener("click", function () {
        keep("look.contrast", high() ? "normal" : "high");
        root.setAttribute("data-contrast", root.getAttribute("data-contrast") === "high" ? "normal" : "high");
        button.setAttribute("aria-pressed", String(root.getAttribute("data-contrast") === "high"));
      });
    });
    document.querySelectorAll("[data-look-size]").forEach(function (select) {
      select.addEventListener("change", function () {
        keep("look.size", select.value);
        root.setAttribute("data-size", select.value);
      });
    });
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.addEventListener("click", function () { window.print(); });
    });
    show();
  });
})();

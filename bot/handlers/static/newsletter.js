// How far a broadcast is, drawn anew while one looks. Without this file the page shows where it
// stands, and a link looks again.
(function () {
  "use strict";

  var place = document.querySelector("[data-far]");
  if (!place || typeof window.EventSource !== "function") { return; }
  var source = new window.EventSource(place.dataset.far);

  // Somebody writes a correction meanwhile: the page stays, so that nothing is lost.
  function written() {
    return Array.from(document.querySelectorAll("textarea")).some(function (area) {
      return area.value !== area.defaultValue;
    });
  }

  source.addEventListener("far", function (event) {
    var told = JSON.parse(event.data);
    if (told.state !== place.dataset.state && !written()) {
      source.close();
      window.location.reload();
      return;
    }
    var open = place.querySelector("details[open]") !== null;
    place.innerHTML = told.html;
    var codes = place.querySelector("details");
    if (codes) { codes.open = open; }
  });
  window.addEventListener("pagehide", function () { source.close(); });
})();

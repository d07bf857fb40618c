// An issue of the news: its pictures with their words, its pieces with their links.
import { el, lines } from "./words.js";

export function newsCard(reply) {
  const { lead, parts, pictures } = reply.news;
  const inside = new Set(parts.map((part) => part.picture));
  const card = el("section", { class: "sheet issue", "aria-label": reply.text });
  card.append(el("h2", {}, reply.text));
  if (lead) card.append(el("div", { class: "words lines" }, ...lines(lead)));
  card.append(...pictures.filter((_, place) => !inside.has(place)).map(figure));
  for (const part of parts) {
    if (part.title) card.append(el("h3", {}, part.url ? el("a", { href: part.url, rel: "noreferrer" }, part.title) : part.title));
    if (part.text) card.append(el("div", { class: "words lines" }, ...lines(part.text)));
    if (pictures[part.picture]) card.append(figure(pictures[part.picture]));
  }
  return card;
}

function figure({ src, alt }) {
  return el("figure", {}, el("img", { class: "picture", src, alt, loading: "lazy" }));
}

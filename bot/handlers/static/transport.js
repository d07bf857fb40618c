// Calls to the API: one id per thing a person does, however often it has to be sent.
export class Trouble extends Error {
  // code: ours, or "offline"; after: seconds that the server asked for.
  constructor(code, after = 0) {
    super(code);
    this.code = code;
    this.after = after;
  }

  // Worth sending again as it is, without the person doing anything.
  get passing() {
    return ["offline", "overloaded", "crowded", "too_many", "broken"].includes(this.code);
  }
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function post(url, options) {
  let answer;
  try {
    answer = await fetch(url, { method: "POST", credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Trouble("offline");
  }
  let body = null;
  try {
    body = await answer.json();
  } catch {
    // A proxy's page, or half an answer: the same id gets the stored one.
    throw new Trouble("broken", Number(answer.headers.get("retry-after")) || 0);
  }
  if (body.code === "crowded" && body.proof && window.crypto?.subtle && !options.proved) {
    const headers = { ...options.headers, "x-proof": await prove(body.proof) };
    return post(url, { ...options, headers, proved: true });
  }
  if (!answer.ok) {
    throw new Trouble(body.code ?? "broken", Number(answer.headers.get("retry-after")) || 0);
  }
  return body;
}

// While too many newcomers come, this machine works for a second before its person is let in.
async function prove({ challenge, bits }) {
  const letters = new TextEncoder();
  const many = 128;
  for (let from = 0; ; from += many) {
    const tried = Array.from({ length: many }, (_, place) => `${challenge}:${from + place}`);
    const sums = await Promise.all(tried.map((text) => crypto.subtle.digest("SHA-256", letters.encode(text))));
    const found = sums.findIndex((sum) => new DataView(sum).getUint32(0) < 2 ** (32 - bits));
    if (found >= 0) return tried[found];
  }
}

export function postJson(url, body) {
  return post(url, { headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export function say(call, lang) {
  return postJson("/api/chat", { lang, pages: true, ...call });
}

export function sendFiles(id, files, text, lang) {
  const form = new FormData();
  form.append("id", id);
  form.append("lang", lang);
  form.append("pages", "true");
  form.append("text", text);
  for (const file of files) form.append("files", file, file.name);
  return post("/api/chat/files", { body: form });
}

// Listens for notices; the browser reconnects with its cursor, we begin anew where it gave up.
export function listen(lang, onReply) {
  let source = null;
  let wait = 5000;
  let last = -1; // a stream that began anew may bring what this page has shown
  function open() {
    source = new EventSource(`/api/chat/events?lang=${encodeURIComponent(lang)}`);
    source.addEventListener("open", () => { wait = 5000; });
    source.addEventListener("reply", (event) => {
      if (Number(event.lastEventId) <= last) return;
      last = Number(event.lastEventId);
      onReply(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      window.setTimeout(open, wait);
      wait = Math.min(wait * 2, 120000);
    });
  }
  open();
  return () => source.close();
}

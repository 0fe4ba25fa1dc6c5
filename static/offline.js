// Lets the page open without a network, as it was at the last visit with one. Only files of the page are kept
// here, and asked for first each time; what registries say is the page's own affair, by digest.
const KEPT = "tagdrift-page";
const HOME = self.registration.scope;
const FILE = /^[\w.-]+\.(?:js|css|wasm|svg)$/;

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const key = keyOf(event.request);
  if (key) event.respondWith(answer(event, key));
});

/** Under which address a file of the page is kept; nothing for the relay, registries, samples and whatever else there is. */
function keyOf({ method, mode, url }) {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (method !== "GET" || !address.startsWith(HOME)) return null;
  const name = address.slice(HOME.length);
  if (mode === "navigate") return name === "" || name === "index.html" ? HOME : null;
  return FILE.test(name) ? address : null;
}

async function answer(event, key) {
  const kept = await caches.open(KEPT);
  let response;
  try {
    response = await fetch(event.request);
  } catch (error) {
    const last = await kept.match(key);
    if (last) return last;
    throw error;
  }
  if (response.ok && !response.redirected) {
    if (key === HOME) await renew(kept, response.clone());
    event.waitUntil(kept.put(key, response.clone()).catch(() => {}));
  }
  return response;
}

/** Another page has other files: none of the old ones may meet a new one. */
async function renew(kept, home) {
  const last = await kept.match(HOME);
  if (last && (await last.text()) === (await home.text())) return;
  await Promise.all((await kept.keys()).map((key) => kept.delete(key)));
}

/** The first visit loads its files before this script is at work. */
async function fill() {
  const [kept, home] = await Promise.all([caches.open(KEPT), fetch(HOME, { cache: "no-cache" })]);
  if (!home.ok) throw new Error(`the page answers with ${home.status}`);
  // All of them stand in index.html, with or without quotes.
  const named = [...(await home.clone().text()).matchAll(/["'=]\.\/([^"'/\s>]+)/g)].map(([, name]) => name);
  const files = [...new Set(named)].filter((name) => FILE.test(name));
  await kept.addAll(files.map((name) => HOME + name));
  await kept.put(HOME, home);
}

// Loads the engine. Questions that come before it listens are handed to it in their order; where it cannot
// be loaded, each is answered with the reason.
import init from "./tagdrift-engine.js";

const early = [];
self.onmessage = (event) => early.push(event);
init().catch((error) => {
  self.onmessage = () => self.postMessage(JSON.stringify({ broken: String(error) }));
}).then(() => early.forEach((event) => self.onmessage(event)));

// Loads the engine: the compiled module that is handed over where the worker’s name says so, else its own copy. A worker
// of the engine’s that only decodes is the same module, always handed over. Messages that come before it listens are
// handed to it in their order; where it cannot be loaded, each is answered with the reason.
import init from "./tagdrift-engine.js";

const early = [];
let take;
const handed = ["handed", "decoder"].includes(self.name) ? new Promise((resolve) => { take = resolve; }) : Promise.resolve(null);
self.onmessage = (event) => (event.data?.engine === undefined ? early.push(event) : take(event.data.engine));
handed.then((engine) => init(engine ? { module_or_path: engine } : undefined)).catch((error) => {
  self.onmessage = () => self.postMessage(JSON.stringify({ broken: String(error) }));
}).then(() => early.forEach((event) => self.onmessage(event)));

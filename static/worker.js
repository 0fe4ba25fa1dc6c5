// Loads the engine: the compiled module that the window hands over where the worker’s name says so, else its own copy.
// Questions that come before it listens are handed to it in their order; where it cannot be loaded, each is answered
// with the reason.
import init from "./tagdrift-engine.js";

const early = [];
let take;
const handed = self.name === "handed" ? new Promise((resolve) => { take = resolve; }) : Promise.resolve(null);
self.onmessage = (event) => (event.data?.engine === undefined ? early.push(event) : take(event.data.engine));
handed.then((engine) => init(engine ? { module_or_path: engine } : undefined)).catch((error) => {
  self.onmessage = () => self.postMessage(JSON.stringify({ broken: String(error) }));
}).then(() => early.forEach((event) => self.onmessage(event)));

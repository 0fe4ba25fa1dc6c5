// Starts the engine in a worker; from then on the module itself listens.
import init from "./tagdrift-engine.js";

init().catch((error) => self.postMessage(JSON.stringify({ broken: String(error) })));

// Starts the worker while the window's own module is still on its way; the window takes it over. The engine's module is
// fetched and compiled here, beside the worker's start, and handed to it; where that fails, the worker does it itself.
if (!window.tagdriftEngine) {
  const names = document.currentScript.dataset;
  const compiled = WebAssembly.compileStreaming(fetch(names.module)).catch(() => null);
  const worker = new Worker(names.worker, { type: "module", name: "handed" });
  window.tagdriftEngine = worker;
  compiled.then((engine) => worker.postMessage({ engine }));
}
// So that the page opens without a network next time; later, since it loads once more what is loading now.
const LATER_MS = 3000;
addEventListener("load", () => setTimeout(() => navigator.serviceWorker?.register("./offline.js").catch(() => {}), LATER_MS));

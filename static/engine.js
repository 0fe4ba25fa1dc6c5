// Starts the worker while the window's own module is still on its way; the window takes it over.
window.tagdriftEngine ??= new Worker("./worker.js", { type: "module" });
// So that the page opens without a network next time; later, since it loads once more what is loading now.
const LATER_MS = 3000;
addEventListener("load", () => setTimeout(() => navigator.serviceWorker?.register("./offline.js").catch(() => {}), LATER_MS));

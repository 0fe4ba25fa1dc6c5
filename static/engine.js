// Starts the worker while the window's own module is still on its way; the window takes it over.
window.tagdriftEngine ??= new Worker("./worker.js", { type: "module" });

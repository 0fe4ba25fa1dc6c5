// Starts the engine in a worker. The page hands over two things: the address of the glue that trunk named
// by its hash, and the module it has compiled already, so that nothing is fetched or compiled twice.
self.onmessage = async ({ data: { glue, module } }) => {
  self.onmessage = null;
  try {
    const bindings = await import(glue);
    await bindings.default({ module_or_path: module });
  } catch (error) {
    self.postMessage(JSON.stringify({ broken: String(error) }));
  }
};

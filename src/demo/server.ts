import { html } from "@remix-run/html-template";
import { readProcessConfig } from "../config/config.ts";
import { sentenceOf } from "../errors.ts";
import { type KnownPlatform, PLATFORMS } from "../platforms/list.ts";
import { startServer } from "../server.ts";
import { LONGEST_PAUSE_MS } from "./pace.ts";

/** The server as the live demo runs it: its pages lead back to the demo, whose address is the only argument. It tries again sooner. */
async function main([demoUrl = ""]: readonly string[]): Promise<void> {
  const platforms = PLATFORMS.map((platform) => leadingTo(demoUrl, platform));
  const back = { url: demoUrl, name: "the demo" };
  const overrides = { platforms, back, longestPauseMs: LONGEST_PAUSE_MS };
  const started = readProcessConfig().then((config) => startServer(config, overrides));
  let isStopping = false;
  // A signal during the start takes effect after it, when everything that must be closed exists. Ctrl+C reaches this
  // process directly, and the demo then stops it, too.
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    started.then((server) => server.stop()).then(() => process.exit(0), fail);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  await started;
}

/** The platform, whose installation ends with a way back, and takes a click: the demo has done the rest. */
function leadingTo(demoUrl: string, platform: KnownPlatform): KnownPlatform {
  const { description } = platform;
  const { title, install, startPage } = description;
  if (install === null) return platform;
  const how = () => html`
<p>Use the button “Add to ${title}” at the top of this page, and allow the app there.</p>`;
  const whatNext = html`
<p>Now ask for pizza: in the demo you write as the customer.</p>
<p><a class="button main" href="${demoUrl}">Back to the demo</a></p>`;
  return {
    ...platform,
    description: {
      ...description,
      install: { ...install, whatNext },
      startPage: { ...startPage, connection: { ...startPage.connection, how } },
    },
  };
}

function fail(error: unknown): void {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}

main(process.argv.slice(2)).catch(fail);

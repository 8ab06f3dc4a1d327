import { existsSync } from "node:fs";

/** The headless shell first: the same engine at half the load. */
const USUAL_PLACES = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The Chromium of this machine: CHROMIUM_PATH, or in one of the usual places. */
export function findChromium(): string | undefined {
  return process.env.CHROMIUM_PATH || USUAL_PLACES.find((path) => existsSync(path));
}

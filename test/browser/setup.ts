import { findChromium } from "../support/chromium.ts";

const ADVICE =
  "no Chromium was found. Install one (Debian: apt-get install chromium-headless-shell), or name it in CHROMIUM_PATH.";

/** Says why browser tests are skipped, if they are. With BROWSER_TESTS=required that is a failure. */
export default function setup(): void {
  if (findChromium() !== undefined) return;
  if (process.env.BROWSER_TESTS === "required")
    throw new Error(`The tests in the browser cannot run: ${ADVICE}`);
  console.warn(`The tests in the browser are skipped: ${ADVICE}`);
}

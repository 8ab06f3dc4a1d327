import { findChromium } from "../support/chromium.ts";

const ADVICE =
  "no Chromium was found. Install one (Debian: apt-get install chromium-headless-shell), or name it in CHROMIUM_PATH.";

/** Says why the tests in the browser are skipped, where they are; BROWSER_TESTS=required takes that for a failure. */
export default function setup(): void {
  if (findChromium() !== undefined) return;
  if (process.env.BROWSER_TESTS === "required")
    throw new Error(`The tests in the browser cannot run: ${ADVICE}`);
  console.warn(`The tests in the browser are skipped: ${ADVICE}`);
}

import { writeFileSync } from "node:fs";
import { recordWire } from "./recording.ts";
import { wirePage } from "./wire-page.ts";

const PAGE = "docs/wire.md";

/** Writes docs/wire.md from a run of the demo. */
writeFileSync(PAGE, wirePage(await recordWire()));
process.stdout.write(`${PAGE} is written. Read its diff before you commit it.\n`);

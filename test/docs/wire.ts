import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { strict } from "../chaos/whole-number.ts";
import { recordWire } from "./recording.ts";
import { wirePage } from "./wire-page.ts";

const PAGE = "docs/wire.md";

strict(new Command("npm run wire"))
  .description(`Plays the demo and writes ${PAGE}: what went over the wire.`)
  .parse();

writeFileSync(PAGE, wirePage(await recordWire()));
process.stdout.write(`${PAGE} is written. Read its diff before you commit it.\n`);

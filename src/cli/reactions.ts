import type { Command } from "commander";
import { readConfig } from "../config/config.ts";
import { createMatcher, PIZZA_RULES, type Rule } from "../reactions/keywords.ts";
import { readRules } from "../rules.ts";
import { createCommand, runAsProcess, type Terminal } from "./command.ts";

export function createReactionsCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const command = createCommand("reactions", "Shows what the keyword bot says to which words.", terminal);

  command
    .command("list")
    .description("shows the rules as they are read from REACTIONS_FILE")
    .action(() => {
      const { rules, where } = rulesAt(terminal);
      if (rules.length === 0) print(`There are no rules in ${where}, so the bot never replies.`);
      else
        print([`The rules in ${where}:`, ...rules.map((rule, index) => blockOf(rule, index))].join("\n\n"));
    });

  command
    .command("try")
    .description("shows the rules that a message would meet, in the order in which the bot would reply")
    .argument("<text>", "the message, in quotes")
    .action((text: string) => {
      const { rules, where } = rulesAt(terminal);
      const met = createMatcher(rules)(text);
      if (met.length === 0) print(`This meets no rule in ${where}: the bot would not reply.`);
      else print(met.map((rule) => blockOf(rule, rules.indexOf(rule))).join("\n\n"));
    });

  return command;
}

function rulesAt({ environment }: Terminal): { rules: readonly Rule[]; where: string } {
  const { reactionsFile: path } = readConfig(environment);
  if (path === null) return { rules: PIZZA_RULES, where: "the server itself (REACTIONS_FILE is not set)" };
  return { rules: readRules(path), where: path };
}

function blockOf({ words, reply }: Rule, index: number): string {
  const entries = words.map((entry) => `"${entry}"`).join(", ");
  const said = reply.text.replaceAll("\n", "\n    ");
  return `${index + 1}. ${entries}\n  to ${reply.to === "agents" ? "the agents" : "everyone"}:\n    ${said}`;
}

if (import.meta.main) await runAsProcess(createReactionsCommand);

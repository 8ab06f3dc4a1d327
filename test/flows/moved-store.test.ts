import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { LICENSE, prepareStage } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { createLogSink } from "../support/log.ts";
import { hasPostgres, makeDatabase, newPostgresUrl } from "../support/postgres.ts";
import { install, pizzaLines, startOn } from "../support/stage.ts";
import { openTestStore } from "../support/store.ts";

const ANA = "ana@example.com";
const PATIENCE = { timeout: 20_000 };
const balance = (account: string, amount: string) => `balance for ${account}: ${amount} USD`;

test.skipIf(!hasPostgres())(
  "what waits while the platforms fail is done once and in order after a move to PostgreSQL, and so is what comes after a move back",
  async () => {
    const stage = await prepareStage();
    onTestFinished(stage.stop);
    const { webex, chatio, folder, settings } = stage;
    const { log } = createLogSink();
    const path = join(folder, "demo.db");
    const [file, back] = [`file:${path}`, `file:${join(folder, "back.db")}`];
    const postgres = newPostgresUrl();
    await makeDatabase(postgres);
    const room = webex.addRoom({ title: "Accounts", members: [ANA] });
    const ask = (account: string) => webex.says(ANA, room.id, `@globobot ${account}`);
    const answers = () =>
      webex
        .transcript(room.id)
        .filter(({ author }) => author === "globobot")
        .map(({ text }) => text);
    const move = async (from: string, to: string) =>
      expect(await runCli("migrate-store", ["--from", from, "--to", to], {})).toMatchObject({ code: 0 });

    const first = await startOn(stage, log);
    expect((await install(`${stage.serverUrl}/install`)).status).toBe(200);
    for (const { faults } of [webex, chatio]) faults.inject({ kind: "status-503" });
    for (const account of ["acct100", "acct200", "acct100"]) await ask(account);
    const { chatId } = await chatio.startChat(LICENSE, "pizza");
    const { desk, close } = openTestStore(path);
    const kept = async () => {
      const { waiting, working } = await desk.countByState();
      return waiting + working;
    };
    await vi.waitFor(async () => expect(await kept()).toBe(4), PATIENCE);
    await close();
    await first.stop();
    await move(file, postgres);

    for (const { faults } of [webex, chatio]) faults.clear();
    const second = await startOn(stage, log, { ...settings, DATABASE_URL: postgres });
    const one = balance("acct100", "40.00");
    await vi.waitFor(() => expect(answers()).toHaveLength(3), PATIENCE);
    expect(answers()).toEqual([one, expect.stringContaining("acct200"), one]);
    await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), PATIENCE);
    await second.stop();
    await move(postgres, back);

    const third = await startOn(stage, log, { ...settings, DATABASE_URL: back });
    await ask("acct100");
    await vi.waitFor(() => expect(answers()).toHaveLength(4), PATIENCE);
    const { chatId: other } = await chatio.startChat(LICENSE, "pizza");
    await vi.waitFor(() => expect(pizzaLines(stage, other)).toHaveLength(1), PATIENCE);
    await third.stop();
    expect(answers()).toHaveLength(4);
    expect(pizzaLines(stage, chatId)).toHaveLength(1);
  },
  120_000,
);

import { expect, onTestFinished, test, vi } from "vitest";
import { prepareStage } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { createLogSink } from "../support/log.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { startOn } from "../support/stage.ts";

test("a server that starts at another address warns everywhere, until doctor has put the webhooks right", async () => {
  const stage = await prepareStage({ settings: { ADMIN_PASSWORD: PASSWORD } });
  onTestFinished(stage.stop);
  const before = await startOn(stage, createLogSink().log);
  await before.stop();
  const moved = { PUBLIC_URL: "https://new.example" };

  const sink = createLogSink();
  const { url, stop } = await startOn(stage, sink.log, moved);
  onTestFinished(stop);

  const changed = `The public address was ${stage.serverUrl} until `;
  expect(sink.messages()).toContainEqual(expect.stringContaining(changed));
  const page = wordsOf((await asOperator(url).get("/status").expect(200)).text);
  expect(page).toContain(`LiveChat works, with warnings ${changed}`);
  const warnings = async () => (await asOperator(url).get("/readyz")).body.warnings.join();
  expect(await warnings()).toContain(
    "Change LiveChat's webhooks and the redirect URIs: npm run doctor -- --fix",
  );

  await runCli("doctor", ["--fix"], { ...stage.settings, ...moved });
  await vi.waitFor(async () => expect(await warnings()).not.toContain(changed), 3000);
});

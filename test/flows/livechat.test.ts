import { expect, test, vi } from "vitest";
import { ORGANIZATION } from "../../src/demo/stage.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";

async function install(stage: TestStage): Promise<Response> {
  const start = await fetch(`${stage.serverUrl}/livechat/install`, { redirect: "manual" });
  const cookie = start.headers.get("set-cookie")?.split(";")[0] ?? "";
  const consent = await fetch(start.headers.get("location") ?? "", { redirect: "manual" });
  return fetch(consent.headers.get("location") ?? "", { headers: { cookie } });
}

test("trial", async () => {
  const stage = await startTestStage();
  const page = await install(stage);
  console.log(
    page.status,
    stage.livechat.calls.map(({ name }) => name),
  );
  stage.livechat.calls.length = 0;
  const { chatId } = await stage.livechat.startChat(ORGANIZATION, "one pizza please");
  await vi.waitFor(() => expect(stage.livechat.transcript(chatId).map(({ text }) => text)).toContain(SAID));
  await stage.livechat.settled();
  console.log(
    stage.livechat.calls.map(({ name }) => name),
    stage.livechat.transcript(chatId),
    stage.sink.messages(),
  );
});

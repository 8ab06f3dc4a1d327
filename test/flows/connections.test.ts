import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { startTestStage } from "../support/stage.ts";

test("forty calls at once take forty connections at the most, and the next forty take none", async () => {
  const stage = await startTestStage();
  const { chatio } = stage;
  await stage.install();
  const round = async () => {
    const chats = await Promise.all(Array.from({ length: 40 }, () => chatio.startChat(LICENSE, "pizza")));
    await vi.waitFor(
      () => {
        for (const { chatId } of chats) {
          expect(chatio.transcript(chatId).at(-1)?.text).toBe("Pizza BOT left the chat");
        }
      },
      { timeout: 10_000 },
    );
  };
  await round();
  const opened = chatio.connections();
  expect(opened).toBeLessThanOrEqual(45);

  await round();

  expect(chatio.connections() - opened).toBeLessThanOrEqual(5);
});

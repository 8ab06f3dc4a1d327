import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { pizzaLines, startTestStage } from "../support/stage.ts";

const ANA = "ana@pizza.example";

test("one call after the other goes over the same connection, to either platform", async () => {
  const stage = await startTestStage();
  const { chatio, webex } = stage;
  await stage.install();
  const { chatId } = await chatio.startChat(LICENSE, "pizza");
  const room = webex.addRoom({ title: "Accounts", members: [ANA] });
  const untilSaid = (count: number) =>
    vi.waitFor(() => {
      expect(pizzaLines(stage, chatId)).toHaveLength(count);
      expect(webex.transcript(room.id)).toHaveLength(2 * (count - 1));
      expect(stage.sink.messages().filter((message) => message.startsWith("Job done"))).toHaveLength(
        2 * count - 1,
      );
    });
  await untilSaid(1);
  const calls = () => chatio.calls.length + webex.calls.length;
  const before = { connections: chatio.connections() + webex.connections(), calls: calls() };

  for (let said = 2; said <= 10; said += 1) {
    await chatio.customerWrites(chatId, "another pizza");
    await webex.says(ANA, room.id, "@globobot acct100");
    await untilSaid(said);
  }

  expect(calls() - before.calls).toBeGreaterThanOrEqual(9 * 5);
  // At most one for each platform: its first call may have met one that was closed meanwhile.
  expect(chatio.connections() + webex.connections() - before.connections).toBeLessThanOrEqual(2);
});

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

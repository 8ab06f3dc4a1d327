import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { startTestStage } from "../support/stage.ts";

const PASSWORD = "operator-password-invented";

function basic(password: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Basic ${Buffer.from(`anyone:${password}`).toString("base64")}` } };
}

test("before the first installation, a platform that is installed by OAuth has zeros for every state", async () => {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  const text = await (await fetch(`${stage.serverUrl}/metrics`, basic(PASSWORD))).text();
  expect(text.match(/^chatops_installations\{.*/gm)).toEqual([
    'chatops_installations{platform="livechat",state="ok"} 0',
    'chatops_installations{platform="livechat",state="needs_reinstall"} 0',
    'chatops_installations{platform="livechat",state="unreadable"} 0',
    'chatops_installations{platform="chatio",state="ok"} 0',
    'chatops_installations{platform="chatio",state="needs_reinstall"} 0',
    'chatops_installations{platform="chatio",state="unreadable"} 0',
  ]);
});

test("metrics tell of deliveries, jobs, calls and tokens, and of nobody", async () => {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  await stage.install();
  stage.chatio.delivery.copies = 2;
  const { chatId, eventId } = await stage.chatio.startChat(LICENSE, "pizza");
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  await stage.webex.says("ana@example.com", room.id, "@globobot acct100");
  await vi.waitFor(() => expect(stage.sink.text().match(/Job done/g)).toHaveLength(2), 5000);
  await stage.chatio.settled();

  const text = await (await fetch(`${stage.serverUrl}/metrics`, basic(PASSWORD))).text();
  expect(text).toContain('chatops_deliveries_total{platform="chatio",answer="accepted"} 1');
  expect(text).toContain('chatops_deliveries_total{platform="chatio",answer="duplicate"} 1');
  expect(text).toContain('chatops_deliveries_total{platform="webex",answer="accepted"} 1');
  expect(text).toContain('chatops_jobs{state="done"} 2');
  expect(text).toContain('chatops_jobs{state="dead"} 0');
  expect(text).toContain("chatops_oldest_waiting_seconds 0");
  expect(text).toContain('chatops_job_duration_seconds_count{platform="chatio",end="done"} 1');
  expect(text).toContain('chatops_platform_calls_total{platform="chatio",call="send_event",outcome="200"} 1');
  expect(text).toContain(
    'chatops_platform_call_duration_seconds_count{platform="webex",call="POST /messages"} 1',
  );
  expect(text).toContain('chatops_installations{platform="chatio",state="ok"} 1');
  expect(text).toMatch(/chatops_token_expiry_seconds\{platform="chatio"\} 3[89]\d\d/);
  expect(text).toContain("process_cpu_seconds_total");
  const labels = [...text.matchAll(/="([^"]*)"/g)].map(([, value]) => value);
  for (const id of [chatId, eventId, room.id, "1520", "ana@example.com"]) {
    expect(labels.filter((label) => label?.includes(id))).toEqual([]);
  }
});

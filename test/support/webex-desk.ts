import { onTestFinished } from "vitest";
import { createSampleLedger } from "../../src/accounts.ts";
import type { JsonObject, SaveProgress } from "../../src/job.ts";

import { createWebex, type WebexOptions } from "../../src/platforms/webex/index.ts";
import type { Fault } from "../../src/sandbox/faults.ts";
import { startWebexSandbox } from "../../src/sandbox/webex/index.ts";
import { createFindings } from "./findings.ts";
import { aJob } from "./jobs.ts";
import { createLogSink } from "./log.ts";

export const ANA = "ana@example.com";

type Settings = Partial<
  Pick<WebexOptions, "webhookSecret" | "allowedSenders" | "replyPrivately" | "healWebhooks">
>;
type Asking = { from?: string; parentId?: string; omitText?: boolean };

/** globobot over the stand-in of Webex, and a room in which people ask it. */
export async function createGlobobot(settings: Settings = {}, type: "group" | "direct" = "group") {
  const sandbox = await startWebexSandbox({ botToken: "bot-token-invented" });
  onTestFinished(sandbox.stop);
  const sink = createLogSink();
  const platform = createWebex({
    apiUrl: sandbox.apiUrl,
    token: "bot-token-invented",
    targetUrl: "https://bots.example/wtwebhook",
    webhookSecret: null,
    allowedSenders: null,
    healWebhooks: false,
    replyPrivately: false,
    leads: () => true,
    findings: createFindings(),
    ledger: createSampleLedger(),
    log: sink.log,
    ...settings,
  });
  const room = sandbox.addRoom({
    title: "Accounts",
    type,
    members: [ANA, "eve@evil.example", "other@webex.bot"],
  });
  const saved: JsonObject[] = [];
  const keep: SaveProgress = async (next) => void saved.push(next);

  return {
    sandbox,
    platform,
    hooks: () => platform.hooks?.(),
    sink,
    room,
    saved,
    /** Somebody writes; returns the message. */
    write: (text: string, { from = ANA, ...options }: Asking = {}) =>
      sandbox.says(from, room.id, text, options),
    /** One attempt at the job of that message: its outcome. */
    handle: (
      messageId: string,
      {
        ageMs = 0,
        progress = {},
        save = keep,
      }: { ageMs?: number; progress?: JsonObject; save?: SaveProgress } = {},
    ): Promise<string> => {
      const job = aJob({ payload: { messageId } });
      return platform.handle({ ...job, attempts: 1, acceptedAt: Date.now() - ageMs, progress }, save);
    },
    /** The next call of that name ends so. */
    next: (endpoint: string, fault: Pick<Fault, "kind" | "status">) =>
      sandbox.faults.inject({ ...fault, endpoint, times: 1 }),
    calls: () => sandbox.calls.map(({ name }) => name),
    /** What was asked to be written, where Webex did write it. */
    replies: () =>
      sandbox.calls
        .filter(({ name, status }) => name === "POST /messages" && status === 200)
        .map(({ body }) => body),
  };
}

/** A refusal of Webex's own. */
export const refusedWith = (status: number) => ({ kind: "refused", status }) as const;

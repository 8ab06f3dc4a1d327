import fc from "fast-check";
import { expect, test } from "vitest";
import { Malformed, StoreError, Unauthentic } from "../../../src/errors.ts";
import { createChatio } from "../../../src/platforms/chatio/index.ts";
import type { Installations } from "../../../src/store/store.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore } from "../../support/store.ts";

const SECRET = "webhook-secret-invented-1";

async function openerOf(installations: Installations = openTestStore().installations.of("chatio")) {
  await installations.save(anInstallation({ botId: "bot-1" })).catch(() => {});
  const { log } = createLogSink();
  const platform = createChatio({ ...chatioOptions, reactionMaxAgeMs: 3_600_000, installations, log });
  return (body: string | Buffer) => platform.open({ body: Buffer.from(body), headers: {} });
}

test("the jobs of genuine deliveries contain neither the secret nor the customer's words", async () => {
  const open = await openerOf();
  const event = { text: "one pizza to 7 Invented Street please", author_id: "customer-7" };

  for (const delivery of [
    anIncomingEvent({ event }),
    anIncomingChatThread({ events: [aChatEvent(event)] }),
  ]) {
    const jobs = await open(JSON.stringify(delivery));
    expect(jobs).toHaveLength(1);
    for (const hidden of [SECRET, "Invented Street", "secret", "webhook-1", "customer-7"])
      expect(JSON.stringify(jobs)).not.toContain(hidden);
  }
});

test("the secret is checked before anything else", async () => {
  const open = await openerOf();

  await expect(open(JSON.stringify({ action: 7 }))).rejects.toThrow(Unauthentic);
  await expect(open(JSON.stringify({ action: 7, secret_key: SECRET }))).rejects.toThrow(Malformed);
});

test.each(["", "pizza", "{", '{"secret_key":', "\ufeff{}", "\u0000"])(
  "the body %j is not JSON",
  async (body) => {
    await expect((await openerOf())(body)).rejects.toThrow(new Malformed("The body is not JSON."));
  },
);

test("very deep nesting is refused, and not fatal", async () => {
  const open = await openerOf();
  const deep = `{"secret_key":"${SECRET}","action":"incoming_event","data":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;

  await expect(open(deep)).rejects.toThrow(Malformed);
});

test("an unreadable database is not taken for a wrong secret", async () => {
  const installations = openTestStore().installations.of("chatio");
  const failing: Installations = {
    ...installations,
    findByLookup: () => Promise.reject(new StoreError("the disk is gone")),
  };
  const open = await openerOf(failing);

  await expect(open(JSON.stringify(anIncomingEvent()))).rejects.toThrow(StoreError);
});

const anything = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const oddPart = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("incoming_event", "incoming_chat_thread", "message"),
  fc.record({ chat_id: fc.jsonValue(), event: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({ chat: fc.record({ id: fc.jsonValue(), thread: fc.jsonValue() }, { requiredKeys: [] }) }),
);

const oddDelivery = fc
  .record(
    { secret_key: fc.constantFrom(SECRET, "wrong", 7), action: oddPart, data: oddPart },
    { requiredKeys: [] },
  )
  .map((delivery) => Buffer.from(JSON.stringify(delivery)));

test("any bytes are opened, or refused as malformed or unauthentic", async () => {
  const open = await openerOf();
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, oddDelivery), async (body) => {
      const opened = await open(body).catch((error: unknown) => error);
      const isFine = Array.isArray(opened) || opened instanceof Malformed || opened instanceof Unauthentic;
      expect(isFine).toBe(true);
    }),
    { numRuns: 300 },
  );
});

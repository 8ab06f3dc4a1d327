import fc from "fast-check";
import { expect, test } from "vitest";
import { Malformed, StoreError, Unauthentic } from "../../../src/errors.ts";
import { createLivechat } from "../../../src/platforms/livechat/index.ts";
import type { Installations } from "../../../src/store/store.ts";
import { aLivechatEvent, anIncomingChat, anIncomingLivechatEvent } from "../../support/deliveries.ts";
import { createFindings } from "../../support/findings.ts";
import {
  anOrganization,
  livechatOptions,
  OTHER_ORGANIZATION,
  WEBHOOK_SECRET,
} from "../../support/livechat.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore } from "../../support/store.ts";

async function createOpener(overrides: Partial<Installations> = {}) {
  const installations = openTestStore().installations.of("livechat");
  await installations.save(anOrganization({ botId: "bot-1" }));
  const sink = createLogSink();
  const platform = createLivechat({
    findings: createFindings(),
    ...livechatOptions,
    installations: { ...installations, ...overrides },
    log: sink.log,
  });
  const open = (body: string | Buffer | object) => {
    const bytes = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return platform.open({ body: Buffer.from(bytes), headers: {} });
  };
  return { open, sink };
}

test("a genuine delivery about pizza is opened", async () => {
  const { open } = await createOpener();

  expect(await open(anIncomingLivechatEvent())).toHaveLength(1);
});

test("neither the secret nor the customer's words are in the jobs", async () => {
  const { open } = await createOpener();
  const event = { text: "one pizza to 7 Invented Street please", author_id: "customer-7" };

  const jobs = JSON.stringify([
    await open(anIncomingLivechatEvent({ event })),
    await open(anIncomingChat({ events: [aLivechatEvent(event)] })),
  ]);

  expect(jobs).toContain("CHATAAAA01");
  for (const hidden of [WEBHOOK_SECRET, "Invented Street", "secret", "wh_reg", "customer-7"])
    expect(jobs).not.toContain(hidden);
});

test.each([
  ["another secret", anIncomingLivechatEvent({ secret: "told-by-nobody-at-all" })],
  ["a part of the secret", anIncomingLivechatEvent({ secret: WEBHOOK_SECRET.slice(0, -1) })],
  ["an empty secret", anIncomingLivechatEvent({ secret: "" })],
  ["no secret", { ...anIncomingLivechatEvent(), secret_key: undefined }],
  ["a list with the secret", { ...anIncomingLivechatEvent(), secret_key: [WEBHOOK_SECRET] }],
  ["the secret one level deeper", { payload: { secret_key: WEBHOOK_SECRET } }],
  ["nothing but a list", [WEBHOOK_SECRET]],
])("a delivery with %s proves nothing, whether its organization is known or not", async (_what, delivery) => {
  const { open, sink } = await createOpener();

  const opening = open(delivery);

  await expect(opening).rejects.toThrow(Unauthentic);
  await expect(opening).rejects.not.toThrow(/told-by-nobody/);
  expect(sink.messages()).toEqual([]);
});

test("the secret is asked for before the rest is looked at", async () => {
  const { open } = await createOpener();

  await expect(open({ action: 7 })).rejects.toThrow(Unauthentic);
  await expect(open({ action: 7, secret_key: WEBHOOK_SECRET })).rejects.toThrow(Malformed);
});

test("a delivery of an organization that is not installed here is ignored, with one log line", async () => {
  const { open, sink } = await createOpener();

  expect(await open(anIncomingLivechatEvent({ organization: OTHER_ORGANIZATION }))).toEqual([]);

  expect(sink.messages()).toEqual([
    "Ignored a delivery: the Pizza BOT is not installed in its organization.",
  ]);
  expect(sink.text()).toContain(OTHER_ORGANIZATION);
});

test("a database that cannot be read is not taken for an unknown organization", async () => {
  const { open } = await createOpener({ find: () => Promise.reject(new StoreError("the disk is gone")) });

  await expect(open(anIncomingLivechatEvent())).rejects.toThrow(StoreError);
});

const anything = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const oddPart = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("incoming_event", "incoming_chat", "message"),
  fc.record({ chat_id: fc.jsonValue(), event: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({ chat: fc.record({ id: fc.jsonValue(), thread: fc.jsonValue() }, { requiredKeys: [] }) }),
);

const oddDelivery = fc
  .record(
    {
      secret_key: fc.constantFrom(WEBHOOK_SECRET, "wrong", 7),
      organization_id: fc.constantFrom(anOrganization().account, "another", 7),
      action: oddPart,
      payload: oddPart,
    },
    { requiredKeys: [] },
  )
  .map((delivery) => Buffer.from(JSON.stringify(delivery)));

test("whatever the bytes, they are opened, or refused as malformed or unauthentic", async () => {
  const { open } = await createOpener();
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, oddDelivery), async (body) => {
      const opened = await open(body).catch((error: unknown) => error);
      const isFine = Array.isArray(opened) || opened instanceof Malformed || opened instanceof Unauthentic;
      expect(isFine).toBe(true);
    }),
    { numRuns: 300 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { Malformed } from "../../../src/errors.ts";
import { jobsOf } from "../../../src/platforms/webex/events.ts";
import { aWebexDelivery } from "../../support/deliveries.ts";

function jobs(delivery: unknown) {
  return jobsOf(Buffer.from(JSON.stringify(delivery)));
}

test("a new message makes a job that holds only its id", () => {
  expect(jobs(aWebexDelivery())).toEqual([
    {
      platform: "webex",
      key: "webex:MSG1",
      lane: "webex:ROOM1",
      quota: "webex",
      payload: { messageId: "MSG1" },
    },
  ]);
});

test("the same message by another webhook of the bot is the same job, whatever else is in the delivery", () => {
  const byMention = jobs(aWebexDelivery({ id: "HOOK1", filter: "mentionedPeople=me" }));
  const byRoomType = jobs(aWebexDelivery({ id: "HOOK2", filter: "roomType=direct", more: [1] }));

  expect(byRoomType).toEqual(byMention);
});

test("messages of one room share its lane; a message without a room has a lane of its own", () => {
  const keysOf = (data: Record<string, unknown>) =>
    jobs(aWebexDelivery({ data })).map(({ key, lane }) => [key, lane]);

  expect(keysOf({ id: "MSG2" })).toEqual([["webex:MSG2", "webex:ROOM1"]]);
  expect(keysOf({ roomId: "ROOM2" })).toEqual([["webex:MSG1", "webex:ROOM2"]]);
  expect(keysOf({ roomId: undefined })).toEqual([["webex:MSG1", "webex:MSG1"]]);
});

test.each([
  ["messages", "deleted"],
  ["messages", "updated"],
  ["messages", "Created"],
  ["memberships", "created"],
  ["rooms", "updated"],
  ["all", "all"],
  ["", ""],
])("%s/%s is not for the bot", (resource, event) => {
  expect(jobs(aWebexDelivery({ resource, event }))).toEqual([]);
});

test("a delivery that is not for the bot may have any shape", () => {
  expect(jobs({ resource: "rooms", event: "updated", data: 7 })).toEqual([]);
  expect(jobs({ resource: "messages", event: "deleted", data: { id: "../people/me" } })).toEqual([]);
});

test.each(["Y2lzY29zcGFyazovL3VzL01FU1NBR0UvMQ", "Y2lz+/_-1==", "x".repeat(1000)])("%s is an id", (id) => {
  expect(jobs(aWebexDelivery({ data: { id } }))[0]?.payload).toEqual({ messageId: id });
});

test.each(["", "../people/me", "MSG1?x=1", "MSG 1", "MSG1#", "MSG1%2e", "MSG1\n", "x".repeat(1001), 7, null])(
  "%j is no id, of a message or of a room",
  (odd) => {
    const needs = "data.id, and data.roomId if any, as Webex ids";
    const refusal = new Malformed(`The body is not a webhook of this platform: it needs ${needs}.`);
    expect(() => jobs(aWebexDelivery({ data: { id: odd } }))).toThrow(refusal);
    expect(() => jobs(aWebexDelivery({ data: { roomId: odd } }))).toThrow(refusal);
  },
);

test.each([
  ["no resource", aWebexDelivery({ resource: undefined })],
  ["no event", aWebexDelivery({ event: undefined })],
  ["an event that is a number", aWebexDelivery({ event: 7 })],
  ["no data", { resource: "messages", event: "created" }],
  ["no message id", aWebexDelivery({ data: { id: undefined } })],
  ["nothing but null", null],
  ["a list", [aWebexDelivery()]],
])("%s: malformed", (_name, delivery) => {
  expect(() => jobs(delivery)).toThrow(Malformed);
});

test("a body that is not JSON is malformed", () => {
  for (const body of ["", "{", "messages"]) {
    expect(() => jobsOf(Buffer.from(body))).toThrow(new Malformed("The body is not JSON."));
  }
});

const odd = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record({ resource: fc.constant("messages"), event: fc.constant("created"), data: fc.jsonValue() })
    .map((delivery) => Buffer.from(JSON.stringify(delivery))),
);

test("any bytes are read or refused as malformed", () => {
  fc.assert(
    fc.property(odd, (body) => {
      try {
        expect(jobsOf(body).length).toBeLessThanOrEqual(1);
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
    { numRuns: 300 },
  );
});

import { z } from "zod";
import type { NewJob } from "../../job.ts";
import { readJson, readShape } from "../body.ts";

/** Ids are unpadded base64 in all samples; anything else could be part of a path. */
const webexId = z.string().regex(/^[A-Za-z0-9_=+/-]{1,1000}$/);

const delivery = z.object({ resource: z.string(), event: z.string(), data: z.unknown().optional() });

/** A delivery names the room but not the text; the reply goes to the room of the fetched message, which can be trusted. */
const createdMessage = z.object({ id: webexId, roomId: webexId.optional() });

/** The payload of a job. */
export const webexPayload = z.object({ messageId: z.string() });

/** One job for a delivery about a new message, none for any other. Throws Malformed. */
export function jobsOf(body: Buffer): NewJob[] {
  const { resource, event, data } = readShape(delivery, readJson(body), "resource, event and data");
  if (resource !== "messages" || event !== "created") return [];
  const { id, roomId } = readShape(createdMessage, data, "data.id, and data.roomId if any, as Webex ids");
  const payload: z.infer<typeof webexPayload> = { messageId: id };
  return [{ platform: "webex", key: `webex:${id}`, lane: `webex:${roomId ?? id}`, quota: "webex", payload }];
}

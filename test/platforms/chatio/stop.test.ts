import type { ServerResponse } from "node:http";
import { expect, test, vi } from "vitest";
import { createChatio } from "../../../src/platforms/chatio/index.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { aReaction } from "../../support/chatio-handle.ts";
import { turns } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { startLoopback } from "../../support/loopback.ts";
import { openTestStore } from "../../support/store.ts";

const RENEWED = { access_token: "access-new", refresh_token: "refresh-new", expires_in: 3600 };

/** chat.io, which refuses the old access token, and renews tokens only once it is let. */
async function startRefusing() {
  const renewals: ServerResponse[] = [];
  const answer = (res: ServerResponse, status: number, body: object) =>
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const { url } = await startLoopback((req, res) => {
    if (req.url === "/token") renewals.push(res);
    else if (req.headers.authorization === `Bearer ${RENEWED.access_token}`) answer(res, 200, {});
    else answer(res, 401, { error: { type: "authentication", message: "expired" } });
  });
  return {
    url,
    renewals,
    renew: () => {
      for (const res of renewals) answer(res, 200, RENEWED);
    },
  };
}

test("a stop waits for a renewal that a job has begun, and its tokens are saved", async () => {
  const chatio = await startRefusing();
  const installations = openTestStore().installations.of("chatio");
  await installations.save(anInstallation());
  const platform = createChatio({
    ...chatioOptions,
    accountsUrl: chatio.url,
    apiUrl: chatio.url,
    reactionMaxAgeMs: 3_600_000,
    installations,
    log: createLogSink().log,
  });
  const job = platform.handle(aReaction("chat-1"), async () => {}).catch(() => {});
  await vi.waitFor(() => expect(chatio.renewals).toHaveLength(1));

  const stopped = vi.fn();
  const stopping = platform.stop().then(stopped);
  await turns();
  expect(stopped).not.toHaveBeenCalled();
  chatio.renew();
  await stopping;

  expect(await installations.find("1520")).toMatchObject({ credentials: { accessToken: "access-new" } });
  await job;
});

import { expect, onTestFinished, test } from "vitest";
import { prepareStage } from "../../src/demo/stage.ts";

test("the settings for LiveChat fit its stand-in, which has the app's webhooks", async () => {
  const { settings, serverUrl, stop } = await prepareStage();
  onTestFinished(stop);
  const { LIVECHAT_API_URL, LIVECHAT_PAT = "", LIVECHAT_CLIENT_ID } = settings;
  const answer = await fetch(`${LIVECHAT_API_URL}/v3.6/configuration/action/list_webhooks`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(LIVECHAT_PAT).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ owner_client_id: LIVECHAT_CLIENT_ID }),
  });
  const url = `${serverUrl}/livechat/webhook`;
  expect(await answer.json()).toMatchObject([
    { action: "incoming_chat", url },
    { action: "incoming_event", url },
  ]);
});

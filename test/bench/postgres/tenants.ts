import type { Bench } from "../bench.ts";
import { licensesFrom } from "../prefill.ts";
import type { Installed } from "../upstream/facts.ts";

const FIRST_LICENSE = 20_001;

/** Installs the bot on so many licenses, and has deliveries of kind "tenantPizza" tell of chats of each in turn. */
export async function openTenants(
  { upstream, load }: Bench,
  count: number,
  chats: number,
): Promise<Installed[]> {
  const installed = await upstream.install(licensesFrom(FIRST_LICENSE, count));
  const each = Math.ceil(chats / count);
  const opened = await Promise.all(
    installed.map(async ({ account, webhookSecret: secret }) => ({
      secret,
      chats: await upstream.openChats(Number(account), each),
    })),
  );
  const tenants = Array.from({ length: each }, (_, n) =>
    opened.flatMap(({ secret, chats }) => (chats[n] === undefined ? [] : [{ secret, chat: chats[n] }])),
  );
  await load.supply({ chats: [], livechatChats: [], questions: [], tenants: tenants.flat() });
  return installed;
}

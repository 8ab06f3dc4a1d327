import { expect, test } from "vitest";
import { z } from "zod";
import { createOneAtATime } from "../../../src/platforms/keyword-bot/account-lock.ts";
import { createInstallationKind } from "../../../src/platforms/keyword-bot/installation.ts";
import { createTokenKeeper } from "../../../src/platforms/keyword-bot/tokens.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore } from "../../support/store.ts";

const ORGANIZATIONS = createInstallationKind({
  platform: "other",
  title: "Other",
  bot: "Pizza BOT",
  tenant: "organization",
  startPath: "/other/install",
  secretSetting: "OTHER_CLIENT_SECRET",
  credentials: z.object({ accessToken: z.string(), refreshToken: z.string(), botToken: z.string() }),
});

const never = () => false;

/** A platform whose bot has a token of its own, which an update of the bot issues; one organization has installed it. */
async function createOtherTokens() {
  const installations = openTestStore().installations.of("other");
  await installations.save({
    ...anInstallation({ platform: "other", account: "org-1" }),
    credentials: { accessToken: "access-1", refreshToken: "refresh-1", botToken: "bot-1" },
  });
  const tokens = createTokenKeeper({
    kind: ORGANIZATIONS,
    calls: {
      refresh: async () => ({ accessToken: "access-2", refreshToken: "refresh-2", expiresInMs: 3_600_000 }),
      revoke: async () => {},
      updateBot: async (installation) => ({
        ...installation,
        credentials: {
          ...installation.credentials,
          botToken: `bot-of-${installation.credentials.accessToken}`,
        },
        details: { region: "fra" },
      }),
      botOf: ({ credentials, details }) => ({ token: credentials.botToken, region: details.region }),
      lookAtBot: async () => null,
      isRefreshRefused: never,
      isBotGone: never,
    },
    installations,
    oneAtATime: createOneAtATime(),
    log: createLogSink().log,
  });
  return { installations, tokens };
}

test("a token of the bot's own, and what else its update returns, is saved after a renewal and used", async () => {
  const { installations, tokens } = await createOtherTokens();

  await tokens.renew("org-1", "access-1");

  expect(await tokens.use("org-1", async (bot) => bot)).toEqual({ token: "bot-of-access-2", region: "fra" });
  expect(await installations.find("org-1")).toMatchObject({
    credentials: { accessToken: "access-2", refreshToken: "refresh-2", botToken: "bot-of-access-2" },
    botIsCurrent: true,
  });
});

test("the sentences about an installation name its own platform", async () => {
  const gone = { account: "org-1", botIsGone: true, details: {} };

  expect(ORGANIZATIONS.needsReinstall(gone)).toBe(
    "Organization org-1 needs a reinstall: its bot was removed at Other. Open /other/install to do so.",
  );
  expect(ORGANIZATIONS.installedOn(2)).toBe("The Pizza BOT is installed on 2 organizations.");
});

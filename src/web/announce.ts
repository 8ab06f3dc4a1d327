import type { Config } from "../config/config.ts";
import type { Log } from "../log.ts";
import type { PlatformEntry } from "../platforms/platform.ts";
import { isShortPassword } from "../secrets.ts";
import type { InboxDesk } from "../store/store.ts";

/** Logs where the server listens, what is odd about the settings, and which platforms are not set up. */
export function announce(
  { publicUrl, isPublicUrlFromNgrok, operatorPassword, warnings }: Config,
  platforms: readonly PlatformEntry[],
  url: string,
  log: Log,
): void {
  const from = isPublicUrlFromNgrok ? ", the address of its ngrok tunnel" : "";
  log.info(`Listening on ${url}, reached from outside at ${publicUrl}${from}.`);
  for (const warning of warnings) log.warn(warning);
  if (operatorPassword !== null && isShortPassword(operatorPassword))
    log.warn("ADMIN_PASSWORD is short. Use a long random one: openssl rand -base64 24");
  if (platforms.every(({ platform }) => platform === null)) {
    log.warn(
      `No platform is set up. Open ${url} to see what to set, or try \`npm run demo\`, which needs no account.`,
    );
    return;
  }
  for (const { description, platform } of platforms) {
    const { title, bot, install, notSetUp } = description;
    if (platform === null) log.info(notSetUp);
    else if (install !== null)
      log.info(`The ${bot} can be installed on ${title} at ${publicUrl}${install.startPath}.`);
  }
}

/** Logs how many unfinished jobs an earlier process has left. Throws StoreError. */
export async function announceJobs(desk: Pick<InboxDesk, "countByState">, log: Log): Promise<void> {
  const { waiting, working } = await desk.countByState();
  const jobs = waiting + working;
  if (jobs > 0)
    log.info({ jobs }, `${jobs} ${jobs === 1 ? "job is" : "jobs are"} waiting from the last run.`);
}

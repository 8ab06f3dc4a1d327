import type { Config } from "../config/config.ts";
import type { Log } from "../log.ts";
import type { InboxDesk } from "../store/store.ts";

/** Says in the log where the server is, and what is switched off for lack of settings. */
export function announce(config: Config, url: string, log: Log): void {
  const { chatio, webex, publicUrl } = config;
  const from = config.isPublicUrlFromNgrok ? ", the address of the ngrok tunnel to it" : "";
  log.info(`Listening on ${url}, reached from outside at ${publicUrl}${from}.`);
  if (!chatio && !webex) {
    log.warn(
      `Neither chat.io nor Webex is set up. Open ${url} to see what to set, or try \`npm run demo\`, which needs nothing.`,
    );
    return;
  }
  if (chatio) log.info(`The Pizza BOT can be installed at ${publicUrl}/install.`);
  else log.info("chat.io is not set up: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.");
  if (!webex) log.info("Webex is not set up: WT_API_TOKEN is missing.");
}

/** Tells how many jobs go on that an earlier process has accepted. Throws StoreError. */
export async function announceJobs(desk: Pick<InboxDesk, "countByState">, log: Log): Promise<void> {
  const { waiting, working } = await desk.countByState();
  const jobs = waiting + working;
  if (jobs > 0)
    log.info({ jobs }, `${jobs} ${jobs === 1 ? "job is" : "jobs are"} waiting from the last run.`);
}

import { startPostgresProcess } from "./postgres-process.ts";
import { type ServerProcessOptions, startServerProcess } from "./server-process.ts";
import { prepareStage, type Stage } from "./stage.ts";

/** Like `setStage`, with several servers on one PostgreSQL, each in its own process. They get deliveries in turn. */
export async function setStageOfSeveral(count: number): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const postgres = await startPostgresProcess();
    closers.push(postgres.stop);
    const { leadTo, ...stage } = await prepareStage({ settings: { DATABASE_URL: postgres.url } });
    closers.push(stage.stop);
    for (const { delivery } of [stage.livechat, stage.chatio, stage.webex]) delivery.keepsConnections = false;
    const servers = startServers(count, { settings: { ...stage.settings, PORT: "0" }, folder: stage.folder });
    closers.push(() => stopAll(servers));
    leadTo((await Promise.all(servers)).map(({ url }) => url));
    return { ...stage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Starting = ReturnType<typeof startServerProcess>;

function startServers(count: number, options: ServerProcessOptions): Starting[] {
  return Array.from({ length: count }, () => startServerProcess(options));
}

/** One that has not started is gone already. */
async function stopAll(servers: readonly Starting[]): Promise<void> {
  const started = await Promise.allSettled(servers);
  await Promise.all(started.map((one) => (one.status === "fulfilled" ? one.value.stop() : null)));
}

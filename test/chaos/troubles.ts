import { setTimeout as sleep } from "node:timers/promises";
import type { LocalPostgres } from "../../src/demo/postgres.ts";
import type { ChaosDatabase } from "./database.ts";
import { type Fleet, type Member, untilBeating } from "./fleet.ts";

type ServerTrouble = "kill" | "pause" | "cut" | "silence";

/** What is done to one server, or to PostgreSQL. */
export type Trouble = ServerTrouble | "fast restart" | "crash";

/** In how many of a hundred rounds. */
const SHARES: readonly (readonly [Trouble, number])[] = [
  ["kill", 38],
  ["pause", 14],
  ["cut", 18],
  ["silence", 12],
  ["fast restart", 9],
  ["crash", 9],
];

/** A server that has not beaten for so long counts as dead: src/store/postgres/claims.ts. */
const DEAD_AFTER_MS = 15_000;
/** Until what a server has sent has reached PostgreSQL. Once it is over there, too, no claim comes after it. */
const UNDER_WAY_MS = 100;

export function chooseTrouble(random: () => number): Trouble {
  let dice = random() * 100;
  for (const [trouble, share] of SHARES) {
    dice -= share;
    if (dice < 0) return trouble;
  }
  return "kill";
}

export function isOfServer(trouble: Trouble): trouble is ServerTrouble {
  return trouble !== "fast restart" && trouble !== "crash";
}

export type TroublesOptions = {
  fleet: Fleet;
  postgres: LocalPostgres;
  database: ChaosDatabase;
  random: () => number;
  /** As if the time passed in which a server counts as dead, so that a test need not wait for it. */
  isHurried: boolean;
};

export type Troubles = {
  /** Resolves once the server is well again. Throws if that takes more than a minute. */
  ofServer(member: Member, trouble: ServerTrouble): Promise<void>;
  ofPostgres(trouble: Exclude<Trouble, ServerTrouble>): Promise<void>;
  /** How often a job was in hand when something was done that may repeat its last call. By its message's id. */
  inHand: ReadonlyMap<string, number>;
};

export function createTroubles(options: TroublesOptions): Troubles {
  const { fleet, postgres, database, random, isHurried } = options;
  const inHand = new Map<string, number>();

  async function note(server?: string): Promise<void> {
    for (const key of await database.inHand(server)) {
      const id = key.slice(key.lastIndexOf(":") + 1);
      inHand.set(id, (inHand.get(id) ?? 0) + 1);
    }
  }

  /** What the server has in hand goes to others once it counts as dead. */
  async function noteLost(member: Member): Promise<void> {
    do await sleep(UNDER_WAY_MS);
    while ((await database.underWay(member.line.ports)) > 0);
    await note(member.name());
    if (isHurried) await database.setBeatBack(member.name(), DEAD_AFTER_MS);
  }

  async function untilWell(member: Member): Promise<void> {
    if (!(await untilBeating(member, database)))
      throw new Error(`Server ${member.place + 1} does not come back to the database.`);
  }

  const between = (least: number, most: number) => sleep(least + (most - least) * random());

  const ofServer: Record<ServerTrouble, (member: Member) => Promise<void>> = {
    async kill(member) {
      await member.kill();
      await noteLost(member);
      await member.start();
    },
    async pause(member) {
      member.pause();
      await noteLost(member);
      await sleep(isHurried ? 1500 : 20_000);
      member.resume();
      await untilWell(member);
    },
    /** Too short to count as dead: it keeps its jobs, and repeats nothing. */
    async cut(member) {
      member.line.cut();
      await (isHurried ? between(300, 600) : between(1000, 7000));
      member.line.mend();
      await untilWell(member);
    },
    async silence(member) {
      member.line.silence();
      await noteLost(member);
      await (isHurried ? between(1000, 1500) : between(8000, 25_000));
      member.line.mend();
      await untilWell(member);
    },
  };

  return {
    inHand,
    ofServer: (member, trouble) => ofServer[trouble](member),
    async ofPostgres(trouble) {
      if (trouble === "fast restart") return postgres.restart("SIGINT");
      // While nothing new reaches it, what is in hand can be counted. Its crash undoes the latest claims.
      for (const { line } of fleet.members) line.hold();
      await sleep(10);
      await note();
      await postgres.restart("SIGKILL");
      for (const { line } of fleet.members) line.goOn();
    },
  };
}

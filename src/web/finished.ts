import type { PlatformName } from "../job.ts";
import { fingerprint, hmacHex, isSame } from "../secrets.ts";

/** An installation that ended well in this browser. */
export type Finished = {
  readonly account: string;
  /** Whether it is the one that began with this state; null: it began without one. */
  isOf(state: unknown): boolean;
};

export type FinishedMarks = {
  /** What the browser keeps of an installation. It contains neither the state nor a code. */
  write(account: string, state: string | null): string;
  /** null: nothing was kept, or nothing that we wrote. */
  read(kept: string | undefined): Finished | null;
};

/**
 * What a browser keeps of an installation on this platform, so that its last page can be loaded again without the code and
 * state in its address. It is signed: nobody else can make the page say anything.
 *
 * @param key the same on all servers
 */
export function createFinishedMarks(platform: PlatformName, key: string): FinishedMarks {
  const sign = (content: string) =>
    hmacHex("sha256", key, Buffer.from(`finished on ${platform}: ${content}`));

  return {
    write(account, state) {
      const content = `${Buffer.from(account).toString("base64url")}.${state === null ? "" : fingerprint(state)}`;
      return `${content}.${sign(content)}`;
    },
    read(kept) {
      const [account = "", began = "", signature = ""] = kept?.split(".") ?? [];
      if (!isSame(signature, sign(`${account}.${began}`))) return null;
      return {
        account: Buffer.from(account, "base64url").toString(),
        isOf: (state) => typeof state === "string" && began !== "" && isSame(began, fingerprint(state)),
      };
    },
  };
}

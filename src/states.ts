import { isSame, randomSecret } from "./secrets.ts";

const GOOD_FOR_MS = 600_000;
/** More would be somebody filling our memory; the oldest go first. */
const MOST = 10_000;

export type States = {
  /** A new state, to be sent to the consent page and kept by the browser. */
  issue(): string;
  /** Whether the state is one of ours, of this browser, and not used before. It is used up by this. */
  redeem(state: string, keptByBrowser: string | undefined): boolean;
};

/** The single-use states that tie what comes back from the consent page to the browser that was sent there. */
export function createStates(): States {
  const issued = new Map<string, number>();
  return {
    issue() {
      const state = randomSecret();
      issued.set(state, performance.now());
      const [oldest] = issued.keys();
      if (issued.size > MOST && oldest !== undefined) issued.delete(oldest);
      return state;
    },
    redeem(state, keptByBrowser) {
      if (keptByBrowser === undefined || !isSame(state, keptByBrowser)) return false;
      const issuedAt = issued.get(state);
      issued.delete(state);
      return issuedAt !== undefined && performance.now() - issuedAt < GOOD_FOR_MS;
    },
  };
}

import { hmacHex, isSame, randomSecret } from "../secrets.ts";

const GOOD_FOR_MS = 600_000;
/** Bounds the memory; the oldest are dropped first. Each used state costs its sender a call to the platform. */
const MOST_USED = 10_000;
/** A state consists of its time in base 36, random bytes, and the signature of both in hex. */
const TIME_CHARS = 10;
const SIGNATURE_CHARS = 64;

export type States = {
  /** Creates a state, to be sent to the consent page and kept by the browser. */
  issue(): string;
  /** Whether the state was issued by us, to this browser, and has not been used. */
  isGood(state: string, keptByBrowser: string | undefined): boolean;
  /** Like isGood, and uses the state up. */
  redeem(state: string, keptByBrowser: string | undefined): boolean;
  /** The secret of PKCE (RFC 7636) that belongs to the state: 64 characters that nobody else can derive from it. */
  verifierOf(state: string): string;
};

/**
 * Single-use states that prove that the browser coming back from the consent page is the one that was sent there. They are
 * signed and contain their time, so that only used ones take up memory: requesting states endlessly does not push out others' states.
 */
export function createStates(): States {
  const key = randomSecret();
  const used = new Map<string, number>();
  const sign = (content: string) => hmacHex("sha256", key, Buffer.from(content));

  function isGood(state: string, keptByBrowser: string | undefined): boolean {
    if (keptByBrowser === undefined || !isSame(state, keptByBrowser)) return false;
    const [content, signature] = [state.slice(0, -SIGNATURE_CHARS), state.slice(-SIGNATURE_CHARS)];
    if (!isSame(signature, sign(content)) || used.has(state)) return false;
    return performance.now() - Number.parseInt(content.slice(0, TIME_CHARS), 36) < GOOD_FOR_MS;
  }

  function use(state: string): void {
    used.set(state, performance.now());
    for (const [oldest, usedAt] of used) {
      if (used.size <= MOST_USED && performance.now() - usedAt < GOOD_FOR_MS) break;
      used.delete(oldest);
    }
  }

  return {
    isGood,
    verifierOf: (state) => sign(`verifier of ${state}`),
    issue() {
      const content = Math.floor(performance.now()).toString(36).padStart(TIME_CHARS, "0") + randomSecret();
      return content + sign(content);
    },
    redeem(state, keptByBrowser) {
      if (!isGood(state, keptByBrowser)) return false;
      use(state);
      return true;
    },
  };
}

import { fingerprint, hmacHex, isSame, randomSecret } from "../secrets.ts";
import type { Servers } from "../store/store.ts";

const GOOD_FOR_MS = 600_000;
/** How much the clocks of several servers may differ. */
const CLOCK_TOLERANCE_MS = 60_000;
/** A state consists of its time in base 36, random bytes, and the signature of both in hex. */
const TIME_CHARS = 10;
const SIGNATURE_CHARS = 64;

export type States = {
  /** Creates a state, to be sent to the consent page and kept by the browser. */
  issue(): string;
  /** Whether the state was issued by us, to this browser, and not too long ago. */
  isGood(state: string, keptByBrowser: string | undefined): boolean;
  /** Like isGood, and uses the state up: false if it has been used. Throws StoreError. */
  redeem(state: string, keptByBrowser: string | undefined): Promise<boolean>;
  /** The secret of PKCE (RFC 7636) that belongs to the state: 64 characters that nobody else can derive from it. */
  verifierOf(state: string): string;
};

/**
 * Single-use states that prove that the browser coming back from the consent page is the one that was sent there. They are
 * signed and contain their time, so only used ones are remembered: requesting states endlessly does not push out others' states.
 *
 * @param key the same on all servers, so that an installation may begin at one and end at another
 * @param once remembers which are used, for all servers
 */
export function createStates(key: string, once: Servers["once"]): States {
  const sign = (content: string) => hmacHex("sha256", key, Buffer.from(content));

  function isGood(state: string, keptByBrowser: string | undefined): boolean {
    if (keptByBrowser === undefined || !isSame(state, keptByBrowser)) return false;
    const [content, signature] = [state.slice(0, -SIGNATURE_CHARS), state.slice(-SIGNATURE_CHARS)];
    if (!isSame(signature, sign(content))) return false;
    const ageMs = Date.now() - Number.parseInt(content.slice(0, TIME_CHARS), 36);
    return ageMs < GOOD_FOR_MS && ageMs > -CLOCK_TOLERANCE_MS;
  }

  return {
    isGood,
    verifierOf: (state) => sign(`verifier of ${state}`),
    issue() {
      const content = Date.now().toString(36).padStart(TIME_CHARS, "0") + randomSecret();
      return content + sign(content);
    },
    async redeem(state, keptByBrowser) {
      if (!isGood(state, keptByBrowser)) return false;
      return once(`state ${fingerprint(state)}`, GOOD_FOR_MS + CLOCK_TOLERANCE_MS);
    },
  };
}

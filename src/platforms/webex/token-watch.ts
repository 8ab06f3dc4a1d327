import type { CallReport } from "../../http/http.ts";
import type { Log } from "../../log.ts";

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Put the bot's current token there.";

export type TokenWatch = {
  /** To be told of every call. */
  note(call: CallReport): void;
  /** The sentence for a refused token; null while none is known of. */
  problem(): string | null;
};

/** Remembers whether Webex takes the token, and says so in the log when that changes. */
export function createTokenWatch(log: Log): TokenWatch {
  let isRefused = false;

  function set(refused: boolean): void {
    if (refused && !isRefused) log.error(REFUSED);
    if (!refused && isRefused) log.info("Webex takes WT_API_TOKEN again.");
    isRefused = refused;
  }

  return {
    note({ outcome, isRefusal }) {
      if (outcome === "401") {
        if (isRefusal) set(true);
      } else if (showsGoodToken(Number(outcome), isRefusal)) set(false);
    },
    problem: () => (isRefused ? REFUSED : null),
  };
}

/**
 * Any other refusal of Webex shows that the token was good enough to look at the call. A 429 or a fault shows nothing, nor
 * does what a gateway says.
 */
function showsGoodToken(status: number, isRefusal: boolean): boolean {
  return (status >= 200 && status < 300) || (isRefusal && [400, 403, 404, 409, 410].includes(status));
}

import type { CallReport } from "../../http/http.ts";
import type { Log } from "../../log.ts";

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";

export type TokenWatch = {
  /** To be called with every call that has ended. */
  note(call: CallReport): void;
  /** A sentence while the token is refused, otherwise null. */
  problem(): string | null;
};

/** Remembers whether Webex accepts the token, and logs when that changes. */
export function createTokenWatch(log: Log): TokenWatch {
  let isRefused = false;

  function set(refused: boolean): void {
    if (refused && !isRefused) log.error(REFUSED);
    if (!refused && isRefused) log.info("Webex accepts WT_API_TOKEN again.");
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
 * Any other refusal by Webex shows that it accepted the token and looked at the call. A 429, a server error or a gateway's
 * answer shows nothing.
 */
function showsGoodToken(status: number, isRefusal: boolean): boolean {
  return (status >= 200 && status < 300) || (isRefusal && [400, 403, 404, 409, 410].includes(status));
}

import type { ChatioSandbox } from "../chatio/index.ts";
import type { WebexSandbox } from "../webex/index.ts";
import type { Trouble } from "./view.ts";

/** Seconds that Webex asks to wait while it limits. */
const RETRY_AFTER = "3";

export type Troubles = {
  active(): ReadonlySet<Trouble>;
  /** Whether there ever was any. */
  wereThere(): boolean;
  set(trouble: Trouble, isOn: boolean): void;
};

/** What the person at the demo makes go wrong at the stand-ins. */
export function createTroubles(chatio: ChatioSandbox, webex: WebexSandbox): Troubles {
  const active = new Set<Trouble>();
  let wereThere = false;

  function apply(): void {
    for (const { faults, delivery } of [chatio, webex]) {
      faults.clear();
      delivery.isOffline = active.has("networkCut");
      if (active.has("networkCut")) faults.inject({ kind: "reset" });
    }
    if (active.has("chatioFails")) chatio.faults.inject({ kind: "status-503" });
    if (active.has("webexLimits")) webex.faults.inject({ kind: "status-429", retryAfter: RETRY_AFTER });
  }

  return {
    active: () => active,
    wereThere: () => wereThere,
    set(trouble, isOn) {
      if (isOn) active.add(trouble);
      else active.delete(trouble);
      wereThere ||= isOn;
      apply();
    },
  };
}

import type { ChatioSandbox } from "../../sandbox/chatio/index.ts";
import type { WebexSandbox } from "../../sandbox/webex/index.ts";
import type { Trouble } from "./view.ts";

/** Seconds that Webex asks to wait while it limits. */
const RETRY_AFTER = "3";

export type Troubles = {
  active(): ReadonlySet<Trouble>;
  set(trouble: Trouble, isOn: boolean): void;
};

/** What the person at the demo makes go wrong at the stand-ins. */
export function createTroubles(chatio: ChatioSandbox, webex: WebexSandbox): Troubles {
  const active = new Set<Trouble>();

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
    set(trouble, isOn) {
      if (isOn) active.add(trouble);
      else active.delete(trouble);
      apply();
    },
  };
}

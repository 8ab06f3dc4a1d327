import type { PlatformName } from "../../job.ts";
import type { Fault, Faults } from "../../sandbox/faults.ts";

/** The stand-ins that can fail. */
const STAND_INS = ["livechat", "chatio", "webex"] as const;
export type StandInName = (typeof STAND_INS)[number];

/** What a trouble needs of a stand-in. */
type Breakable = { faults: Faults; delivery: { isOffline: boolean } };

/** What can go wrong, one switch each. Where two hit the same stand-in, the later one prevails. */
export const TROUBLES = ["livechatFails", "chatioFails", "webexLimits", "networkCut"] as const;
export type Trouble = (typeof TROUBLES)[number];

const FAILURES: Readonly<Record<PlatformName, Trouble>> = {
  livechat: "livechatFails",
  chatio: "chatioFails",
  webex: "webexLimits",
};

/** The trouble that this platform alone has; without one of its own, that of all. */
export function failureOf(platform: PlatformName): Trouble {
  return FAILURES[platform] ?? "networkCut";
}

type Effect = { at: readonly StandInName[]; fault: Fault; cutsWebhooks?: boolean };

const EFFECTS: Readonly<Record<Trouble, Effect>> = {
  livechatFails: { at: ["livechat"], fault: { kind: "status-503" } },
  chatioFails: { at: ["chatio"], fault: { kind: "status-503" } },
  webexLimits: { at: ["webex"], fault: { kind: "status-429", retryAfter: "3" } },
  networkCut: { at: STAND_INS, fault: { kind: "reset" }, cutsWebhooks: true },
};

export type Troubles = {
  active(): ReadonlySet<Trouble>;
  set(trouble: Trouble, isOn: boolean): void;
};

/** Makes things go wrong at the stand-ins. A platform that fails takes `refusalMs` milliseconds for each refusal. */
export function createTroubles(standIns: Readonly<Record<StandInName, Breakable>>, refusalMs = 0): Troubles {
  const active = new Set<Trouble>();

  function apply(): void {
    for (const { faults, delivery } of Object.values(standIns)) {
      faults.clear();
      delivery.isOffline = false;
    }
    for (const trouble of TROUBLES.toReversed()) if (active.has(trouble)) cause(EFFECTS[trouble]);
  }

  function cause({ at, fault, cutsWebhooks = false }: Effect): void {
    const isRefusal = fault.kind === "status-503";
    for (const name of at) {
      standIns[name].faults.inject(isRefusal && refusalMs > 0 ? { ...fault, delayMs: refusalMs } : fault);
      if (cutsWebhooks) standIns[name].delivery.isOffline = true;
    }
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

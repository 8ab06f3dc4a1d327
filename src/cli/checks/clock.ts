import type { CallReport } from "../../http/http.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** A `Date` header has whole seconds, and takes time to arrive. */
const TOLERANCE_MS = 30_000;

export type ClockCheck = {
  /** To be called after every call. */
  note(call: CallReport): void;
  findings(): Finding[];
};

/** Compares this machine's clock with those of the platforms that answered a call. */
export function createClockCheck(): ClockCheck {
  const skews: number[] = [];
  return {
    note({ platformTime }) {
      if (platformTime !== null) skews.push(Date.now() - platformTime);
    },
    findings() {
      const worst = skews.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
      if (worst === undefined) return [];
      if (Math.abs(worst) <= TOLERANCE_MS) return [ok("clock", "agrees with the platforms' clocks")];
      const says = `is ${Math.round(Math.abs(worst) / 1000)} s ${worst > 0 ? "ahead of" : "behind"} the platforms' clocks`;
      return [warning("clock", says, "let the system set the clock by network time (NTP)")];
    },
  };
}

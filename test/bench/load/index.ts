import { z } from "zod";
import { startHelper } from "../processes/helper.ts";
import {
  type DripOrder,
  type DripReport,
  dripReport,
  type FloodOrder,
  type Report,
  report,
  type Supplies,
} from "./order.ts";

/** Sends from a process of its own, and measures there, so that nobody's work is measured but the server's. */
export type Load = {
  /** Adds to what deliveries can tell of. */
  supply(supplies: Supplies): Promise<void>;
  flood(order: FloodOrder): Promise<Report>;
  drip(order: DripOrder): Promise<DripReport>;
  /** Milliseconds for each of these whole HTTP requests, made one after the other. */
  inTurn(url: string, requests: readonly string[]): Promise<number[]>;
  pid: number;
  kill(): void;
};

export function startLoad(): Load {
  const { ask, pid, kill } = startHelper(new URL("main.ts", import.meta.url));
  return {
    supply: (supplies) => ask("supply", supplies, z.undefined()),
    flood: (order) => ask("flood", order, report),
    drip: (order) => ask("drip", order, dripReport),
    inTurn: (url, requests) => ask("inTurn", { url, requests }, z.array(z.number())),
    pid,
    kill,
  };
}

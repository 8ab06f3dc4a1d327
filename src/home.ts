import type { RequestHandler } from "express";
import { homePage } from "./pages/home.ts";
import type { Installer } from "./platforms/platform.ts";

/** The start page, with what there is to say now. */
export function createHome(facts: { installer: Installer | null; hasWebex: boolean }): RequestHandler {
  const { installer, hasWebex } = facts;
  return async function answerHome(_req, res) {
    const needingReinstall = (await installer?.countNeedingReinstall()) ?? 0;
    res.send(homePage({ hasChatio: installer !== null, hasWebex, needingReinstall }));
  };
}

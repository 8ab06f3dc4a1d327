import type { RequestHandler } from "express";
import { homePage } from "./pages/home.ts";
import type { Installer } from "./platforms/platform.ts";

export type HomeOptions = {
  /** null: chat.io is switched off. */
  installer: Installer | null;
  hasWebex: boolean;
  publicUrl: string;
};

/** The start page, with what there is to say now. */
export function createHome({ installer, hasWebex, publicUrl }: HomeOptions): RequestHandler {
  return async function answerHome(_req, res) {
    // A page that says a little less is better than none while the database cannot be read.
    const needingReinstall = (await installer?.countNeedingReinstall().catch(() => 0)) ?? 0;
    const installUrl = `${publicUrl}/install`;
    res.send(homePage({ installUrl, hasChatio: installer !== null, hasWebex, needingReinstall }));
  };
}

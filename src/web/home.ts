import type { RequestHandler } from "express";
import type { Installer, Platform } from "../platforms/platform.ts";
import { type HomeFacts, homePage } from "./pages/home.ts";

export type HomeOptions = {
  /** null: chat.io is switched off. */
  installer: Installer | null;
  /** null: switched off. */
  webex: Platform | null;
  hasOperatorPages: boolean;
  publicUrl: string;
};

/** The start page, with what there is to say now. */
export function createHome({ installer, webex, hasOperatorPages, publicUrl }: HomeOptions): RequestHandler {
  const pageOf = createPages();

  return async function answerHome(_req, res) {
    // A page that says a little less is better than none while the database cannot be read.
    const counts = await installer?.countInstallations().catch(() => null);
    const page = pageOf({
      publicUrl,
      installUrl: `${publicUrl}/install`,
      hasChatio: installer !== null,
      isInstalled: installer !== null && counts?.all !== 0,
      needingReinstall: counts?.needingReinstall ?? 0,
      hasWebex: webex !== null,
      hasWebhooks: webex !== null && webex.problem() === null && webex.warnings().length === 0,
      hasOperatorPages,
    });
    res.set("Cache-Control", "no-store").send(page);
  };
}

/** Renders a page where the last one says something else: anybody may ask for it, as often as they like. */
function createPages(): (facts: HomeFacts) => string {
  let said = "";
  let page = "";
  return (facts) => {
    const toSay = JSON.stringify(facts);
    if (toSay !== said) page = homePage(facts);
    said = toSay;
    return page;
  };
}

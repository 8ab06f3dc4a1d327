import type { RequestHandler } from "express";
import type { PlatformEntry } from "../platforms/platform.ts";
import { type HomeFacts, homePage, type PlatformFacts } from "./pages/home.ts";

export type HomeOptions = {
  platforms: readonly PlatformEntry[];
  hasOperatorPages: boolean;
  publicUrl: string;
};

/** The start page, with what there is to say now. */
export function createHome({ platforms, hasOperatorPages, publicUrl }: HomeOptions): RequestHandler {
  const pageOf = createPages();

  return async function answerHome(_req, res) {
    const facts = await Promise.all(platforms.map(factsOf));
    const page = pageOf({ publicUrl, platforms: facts, hasOperatorPages });
    res.set("Cache-Control", "no-store").send(page);
  };
}

async function factsOf({ description, platform }: PlatformEntry): Promise<PlatformFacts> {
  if (platform === null) return { description, isSetUp: false, isConnected: false, needingReinstall: 0 };
  // A page that says a little less is better than none while the database cannot be read.
  const counts = await platform.installer?.countInstallations().catch(() => null);
  const works = platform.problem() === null && platform.warnings().length === 0;
  return {
    description,
    isSetUp: true,
    isConnected: platform.installer ? counts?.all !== 0 : works,
    needingReinstall: counts?.needingReinstall ?? 0,
  };
}

/** Renders a page only where the last one says something else: anybody may ask for it, as often as they like. */
function createPages(): (facts: HomeFacts) => string {
  let said = "";
  let page = "";
  return (facts) => {
    const toSay = JSON.stringify(facts, withoutDescriptions);
    if (toSay !== said) page = homePage(facts);
    said = toSay;
    return page;
  };
}

/** Descriptions never change. */
function withoutDescriptions(name: string, value: unknown): unknown {
  return name === "description" ? undefined : value;
}

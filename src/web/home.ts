import type { RequestHandler } from "express";
import type { PlatformEntry } from "../platforms/platform.ts";
import { type Back, type HomeFacts, homePage, type PlatformFacts } from "./pages/home.ts";

export type HomeOptions = {
  platforms: readonly PlatformEntry[];
  hasOperatorPages: boolean;
  publicUrl: string;
  port: number;
  needsPublicAddress: boolean;
  back: Back | undefined;
};

/** Answers with the start page as of now. */
export function createHome({ platforms, ...settings }: HomeOptions): RequestHandler {
  const pageOf = createPages();

  return async function answerHome(_req, res) {
    const facts = await Promise.all(platforms.map(factsOf));
    const page = pageOf({ ...settings, platforms: facts });
    res.set("Cache-Control", "no-store").send(page);
  };
}

async function factsOf({ description, platform }: PlatformEntry): Promise<PlatformFacts> {
  if (platform === null)
    return { description, isSetUp: false, isConnected: false, installations: 0, needingReinstall: 0 };
  // While the database cannot be read, a page that says a little less is better than none.
  const counts = await platform.installer?.countInstallations().catch(() => null);
  const works = platform.problem() === null && platform.warnings().length === 0;
  return {
    description,
    isSetUp: true,
    isConnected: platform.installer ? counts?.all !== 0 : works,
    installations: counts?.all ?? 0,
    needingReinstall: counts?.needingReinstall ?? 0,
  };
}

/** Renders the page only if its facts have changed, since anybody may request it as often as they like. */
function createPages(): (facts: HomeFacts) => string {
  let renderedFacts = "";
  let page = "";
  return (facts) => {
    const current = JSON.stringify(facts, withoutDescriptions);
    if (current !== renderedFacts) page = homePage(facts);
    renderedFacts = current;
    return page;
  };
}

/** Descriptions never change. */
function withoutDescriptions(name: string, value: unknown): unknown {
  return name === "description" ? undefined : value;
}

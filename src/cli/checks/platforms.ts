import { checkChatio } from "./chatio.ts";
import type { Examination, Finding } from "./finding.ts";
import { checkLivechat } from "./livechat.ts";
import { checkWebex } from "./webex.ts";

/** What the doctor asks each platform; a platform that is not set up has nothing to say. */
export const PLATFORM_CHECKS: readonly ((examination: Examination) => Promise<Finding[]>)[] = [
  checkLivechat,
  checkChatio,
  checkWebex,
];

import type { Log } from "../../log.ts";

/** Characters of a header that are shown. */
const LONGEST_SHOWN = 40;

export type VersionWatch = {
  /** Looks at the headers of an answer. */
  note(headers: Readonly<Record<string, unknown>>): void;
  warnings(): string[];
};

/**
 * Watches for LiveChat's announcements that the version of the API nears its end: `Legacy` and `Deprecation`, each with the
 * day on which that stage ends. Each is logged once.
 */
export function createVersionWatch(apiVersion: string, log: Log): VersionWatch {
  const announced = new Map<string, string>();

  function note(stage: string, value: unknown): void {
    if (typeof value !== "string") return;
    const until = value.replaceAll(/[^\w :@.+-]/g, "?").slice(0, LONGEST_SHOWN);
    const sentence = `LiveChat calls ${apiVersion} of its API ${stage} until ${until}. A newer release of this server, or another LIVECHAT_API_VERSION, is needed by then.`;
    if (announced.get(stage) === sentence) return;
    announced.set(stage, sentence);
    log.warn(sentence);
  }

  return {
    note({ legacy, deprecation }) {
      note("legacy", legacy);
      note("deprecated", deprecation);
    },
    warnings: () => [...announced.values()],
  };
}

import { z } from "zod";
import { formatMinute } from "../../durations.ts";
import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Findings } from "../../store/store.ts";

const FINDING = "LiveChat address";
const FIX = "npm run doctor -- --fix";

const record = z.object({
  /** The public address of the last start. */
  publicUrl: z.string(),
  /** The one before, while it is not known that the webhooks lead to the new one. `until`: in ms since 1970. */
  earlier: z.object({ publicUrl: z.string(), until: z.number() }).nullable(),
});
type Address = z.infer<typeof record>;

export type AddressWatch = {
  /** Compares this start's public address with the last one's, keeps it, and logs whether it has changed. */
  start(): Promise<void>;
  /** Reads again: a command may have checked the webhooks. */
  lookAgain(): void;
  warnings(): string[];
};

/**
 * Remembers the public address. Only a developer's token may see the app's webhooks, so the server itself cannot know
 * whether they have followed to another address.
 */
export function createAddressWatch(findings: Findings, publicUrl: string, log: Log): AddressWatch {
  let earlier: Address["earlier"] = null;

  async function look(): Promise<void> {
    earlier = (await read(findings))?.earlier ?? null;
  }

  return {
    async start() {
      try {
        await keep(findings, publicUrl);
        await look();
      } catch (error) {
        log.debug(`The public address could not be compared with the last one: ${sentenceOf(error)}`);
      }
      if (earlier !== null) log.warn(sentenceAbout(earlier));
    },
    // What was known stays until it can be read.
    lookAgain: () => void look().catch(() => {}),
    warnings: () => (earlier === null ? [] : [sentenceAbout(earlier)]),
  };
}

async function keep(findings: Findings, publicUrl: string): Promise<void> {
  const known = await read(findings);
  if (known?.publicUrl === publicUrl) return;
  // Whoever goes back to the earlier address has changed nothing.
  const isBack = known?.earlier?.publicUrl === publicUrl;
  const earlier =
    known === null || isBack ? null : (known.earlier ?? { publicUrl: known.publicUrl, until: Date.now() });
  await write(findings, { publicUrl, earlier });
}

/** For a command: why LiveChat's webhooks may lead elsewhere, as a sentence; null: nothing is known. Throws StoreError. */
export async function addressChange(findings: Findings): Promise<string | null> {
  const known = await read(findings);
  return known?.earlier ? sentenceAbout(known.earlier) : null;
}

/** For a command: the webhooks lead to this address, or a person was told how to change them. Throws StoreError. */
export async function addressIsRight(findings: Findings, publicUrl: string): Promise<void> {
  const known = await read(findings);
  if (known?.publicUrl !== publicUrl || known.earlier !== null)
    await write(findings, { publicUrl, earlier: null });
}

async function read(findings: Findings): Promise<Address | null> {
  return record.safeParse(await findings.read(FINDING)).data ?? null;
}

async function write(findings: Findings, address: Address): Promise<void> {
  await findings.write(FINDING, address);
}

function sentenceAbout({ publicUrl, until }: NonNullable<Address["earlier"]>): string {
  return `The public address was ${publicUrl} until ${formatMinute(until, Date.now())}. Change LiveChat's webhooks and the redirect URIs: ${FIX}`;
}

/** well: answers. hangs: answers once it is well again. down: answers 503. */
export const BEHAVIOURS = ["well", "hangs", "down"] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

const TOKEN = /^Bearer license\/(\d+)$/;

/** The access token by which the stand-in knows the license. */
export function tokenOf(licenseId: number): string {
  return `license/${licenseId}`;
}

/** How chat.io treats the calls of each license; well unless told otherwise. */
export function createLicenses() {
  const ailing = new Map<number, { behaviour: Behaviour; change: PromiseWithResolvers<void> }>();

  return {
    behave(licenses: readonly number[], behaviour: Behaviour): void {
      for (const license of licenses) {
        ailing.get(license)?.change.resolve();
        if (behaviour === "well") ailing.delete(license);
        else ailing.set(license, { behaviour, change: Promise.withResolvers() });
      }
    },
    /** Resolves when a call with this Authorization header is to be answered; false: with 503. */
    async isWell(authorization = ""): Promise<boolean> {
      const license = Number(TOKEN.exec(authorization)?.[1]);
      for (let found = ailing.get(license); found; found = ailing.get(license)) {
        if (found.behaviour === "down") return false;
        await found.change.promise;
      }
      return true;
    },
  };
}

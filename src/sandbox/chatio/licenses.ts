/** The licenses at chat.io, and whose agent is signed in at the consent page. */
export type Licenses = {
  add(licenseId: number, entityId?: string): void;
  signIn(licenseId: number): void;
  signedIn(): number | undefined;
  /** The e-mail address of the license's agent. Throws for an unknown license. */
  entityOf(licenseId: number): string;
};

export function createLicenses(): Licenses {
  const entities = new Map<number, string>();
  let signedIn: number | undefined;

  function entityOf(licenseId: number) {
    const entityId = entities.get(licenseId);
    if (entityId === undefined) throw new Error(`no license ${licenseId}: add it first`);
    return entityId;
  }

  return {
    add(licenseId, entityId = `agent@license-${licenseId}.example`) {
      entities.set(licenseId, entityId);
      signedIn ??= licenseId;
    },
    signIn(licenseId) {
      entityOf(licenseId);
      signedIn = licenseId;
    },
    signedIn: () => signedIn,
    entityOf,
  };
}

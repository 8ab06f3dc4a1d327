/** The companies that use chat.io, and whose person sits before the consent page. */
export type Licenses = {
  add(licenseId: number, entityId?: string): void;
  signIn(licenseId: number): void;
  signedIn(): number | undefined;
  /** The e-mail address of the license's agent; throws for an unknown license. */
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

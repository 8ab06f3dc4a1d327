import { randomUUID } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import type { Endpoint } from "../endpoint.ts";
import type { Callers } from "./callers.ts";
import { parseBody } from "./wire.ts";

export type Group = { id: number; name: string };

export type Organization = {
  id: string;
  /** The account of the organization's one human agent. The e-mail address is the agent's id in chats. */
  accountId: string;
  email: string;
  isAdministrator: boolean;
  groups: Group[];
  /** The data centre. Codes and access tokens begin with it. */
  region: string;
  /** Whether API calls must name the region. */
  needsRegion: boolean;
  isExpired: boolean;
  /** Whether the app has ever been installed. */
  isInstalled: boolean;
  /** Whether the app's webhooks were switched off. */
  areWebhooksDisabled: boolean;
};

/** The organizations at LiveChat, and whose agent is signed in at the consent page. */
export type Organizations = {
  add(organizationId: string, email?: string): void;
  signIn(organizationId: string): void;
  signedIn(): Organization | undefined;
  find(organizationId: string): Organization | undefined;
  /** Throws for an unknown organization. */
  get(organizationId: string): Organization;
  /** Returns the group's id. */
  addGroup(organizationId: string, name: string): number;
};

export function createOrganizations(): Organizations {
  const organizations = new Map<string, Organization>();
  let signedIn: Organization | undefined;

  function get(organizationId: string): Organization {
    const organization = organizations.get(organizationId);
    if (organization === undefined) throw new Error(`no organization ${organizationId}: add it first`);
    return organization;
  }

  return {
    add(id, email = `agent@${id}.example`) {
      const organization = {
        id,
        accountId: randomUUID(),
        email,
        isAdministrator: true,
        groups: [{ id: 0, name: "General" }],
        region: "fra",
        needsRegion: false,
        isExpired: false,
        isInstalled: false,
        areWebhooksDisabled: false,
      };
      organizations.set(id, organization);
      signedIn ??= organization;
    },
    signIn(organizationId) {
      signedIn = get(organizationId);
    },
    signedIn: () => signedIn,
    find: (organizationId) => organizations.get(organizationId),
    get,
    addGroup(organizationId, name) {
      const { groups } = get(organizationId);
      const id = Math.max(...groups.map((group) => group.id)) + 1;
      groups.push({ id, name });
      return id;
    },
  };
}

// The optional fields that our bot does not ask for are refused.
const listBody = z.strictObject({ fields: z.array(z.never()).optional() });

/** The part of the Configuration API that lists groups. */
export function createGroupsApi({ callers, endpoint }: { callers: Callers; endpoint: Endpoint }): Router {
  return Router().post(
    "/:version/configuration/action/list_groups",
    endpoint("list_groups", (incoming) => {
      const { groups } = callers.app(incoming, "groups--all:ro");
      parseBody(incoming, listBody);
      const listed = groups.map((group) => ({ ...group, language_code: "en", routing_status: "offline" }));
      return { status: 200, json: listed };
    }),
  );
}

/** What the documentation leaves open. May be changed at any time: every call reads it anew. */
export type Undocumented = {
  /** What the OAuth error of a code or refresh token that is unknown, used or revoked is called. */
  deadGrant: "invalid_grant" | "unauthorized_client";
  /** Where the person is when consent was refused or cannot be given: on a page there, or back at the app. */
  refusedConsent: "stays" | "returns";
  /** What add_user_to_chat does with a user who is already in the chat. */
  addedTwice: "refused" | "accepted";
  /** How remove_user_from_chat refuses a user who is not in the chat. */
  removedTwice: "not_found" | "validation";
  /** Whether a second agent may join a chat for everyone to see. LiveChat allows it by arrangement. */
  secondPublicAgent: "accepted" | "refused";
  /** Whether `thread.events` is part of incoming_chat. */
  threadEvents: "sent" | "missing";
  /** Whether `additional_data` is part of a delivery. */
  additionalData: "sent" | "missing";
};

/** Not documented; assumed: the strictest reading, but for what a chat needs to be seen at all. */
export function assumeUndocumented(): Undocumented {
  return {
    deadGrant: "invalid_grant",
    refusedConsent: "stays",
    addedTwice: "refused",
    removedTwice: "not_found",
    secondPublicAgent: "accepted",
    threadEvents: "sent",
    additionalData: "sent",
  };
}

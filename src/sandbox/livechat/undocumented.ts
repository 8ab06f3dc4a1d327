/** What the documentation leaves open, or calls optional. May be changed at any time: every call reads it again. */
export type Undocumented = {
  /** The OAuth error for a code or refresh token that is unknown, used or revoked. */
  deadGrant: "invalid_grant" | "unauthorized_client";
  /** Whether a person who refuses consent, or cannot give it, stays on a page there or returns to the app. */
  refusedConsent: "stays" | "returns";
  /** What add_user_to_chat does with a user who is already in the chat. */
  addedTwice: "refused" | "accepted";
  /** How remove_user_from_chat refuses a user who is not in the chat. */
  removedTwice: "not_found" | "validation";
  /** Whether a second agent may join a chat with visibility all. LiveChat allows it by arrangement. */
  secondPublicAgent: "accepted" | "refused";
  /** Whether `thread.events` is part of incoming_chat. */
  threadEvents: "sent" | "missing";
  /** Whether `additional_data` is part of a delivery. */
  additionalData: "sent" | "missing";
};

/** Not documented; assumed: the errors that the documentation shows, and refusals where it shows none. */
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

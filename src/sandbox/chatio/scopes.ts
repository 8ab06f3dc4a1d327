/** What the app in the developers console asks for, and what that lets it do, for people. */
export const scopes = [
  { name: "agents-bot--my:write", meaning: "Make, change and remove bot agents of its own" },
  { name: "agents-bot--my:read", meaning: "See the bot agents it has made" },
  {
    name: "chats.conversation--all:write",
    meaning: "Join, write in and leave any chat of the license",
  },
];

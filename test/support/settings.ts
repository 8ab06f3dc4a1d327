/** Settings of a server that both platforms reach by https; nothing in them exists. */
export const CHATIO_SETTINGS = {
  PUBLIC_URL: "https://bots.example",
  CHATIO_CLIENT_ID: "client-id-invented",
  CHATIO_CLIENT_SECRET: "client-secret-invented",
};

/** Webex where nothing listens: jobs wait, and that is all they have to do. */
export const UNREACHABLE_WEBEX = { WT_API_TOKEN: "token-invented", WT_API_URL: "http://127.0.0.1:9/v1" };

export const WEBEX_SETTINGS = {
  PUBLIC_URL: "https://bots.example",
  WT_API_TOKEN: "bot-token-invented",
  WT_WEBHOOK_SECRET: "signing-secret-invented",
  WT_ALLOWED_SENDERS: "@example.com",
};

/** Settings of a server that both platforms reach by https; nothing in them exists. */
export const CHATIO_SETTINGS = {
  PUBLIC_URL: "https://bots.example",
  CHATIO_CLIENT_ID: "client-id-invented",
  CHATIO_CLIENT_SECRET: "client-secret-invented",
};

export const WEBEX_SETTINGS = {
  PUBLIC_URL: "https://bots.example",
  WT_API_TOKEN: "bot-token-invented",
  WT_WEBHOOK_SECRET: "signing-secret-invented",
  WT_ALLOWED_SENDERS: "@example.com",
};

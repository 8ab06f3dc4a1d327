import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { readProcessConfig } from "../../src/config/config.ts";
import { findNgrokUrl } from "../../src/config/ngrok.ts";
import { startNgrokAgent } from "../support/ngrok.ts";
import { addressOf, startProcess, type TestProcess } from "../support/process.ts";

const CHATIO = { CHATIO_CLIENT_ID: "client-invented", CHATIO_CLIENT_SECRET: "secret-invented" };

test("the https tunnel to the port is found among others", async () => {
  const agent = await startNgrokAgent({
    "tcp://0.tcp.ngrok.example:12345": "localhost:22",
    "http://abc.ngrok.example": "http://localhost:5000",
    "https://other.ngrok.example": "http://localhost:8080",
    "https://abc.ngrok.example": "http://localhost:5000",
  });
  expect(await findNgrokUrl(agent, 5000)).toBe("https://abc.ngrok.example");
  expect(await findNgrokUrl(agent, 8080)).toBe("https://other.ngrok.example");
});

test.each([
  ...["http://localhost:5000", "http://127.0.0.1:5000/", "localhost:5000", "5000"].map(
    (yes) => [yes, true] as const,
  ),
  ...["http://localhost:50001", "http://10.0.0.7:5000", "file:///srv/5000"].map((no) => [no, false] as const),
])("%s leads to port 5000 of this machine: %s", async (address, isHere) => {
  const agent = await startNgrokAgent({ "https://a.example": address });
  expect(await findNgrokUrl(agent, 5000)).toBe(isHere ? "https://a.example" : null);
});

/** npm start next to an agent with a tunnel to its port, which must be known before the server takes it. */
async function startBehindTunnel(tunnel: string): Promise<{ server: TestProcess; url: string }> {
  // Below the ephemeral ports. If one is taken, another is tried.
  const port = String(randomInt(20_000, 30_000));
  const agent = await startNgrokAgent({ [tunnel]: `http://localhost:${port}` });
  const server = startProcess({ environment: { PORT: port, NGROK_API_URL: agent, ...CHATIO } });
  const said = await Promise.race([addressOf(server), server.ended]);
  if (typeof said === "string") return { server, url: said };
  if (!said.stderr.includes("in use")) throw new Error(said.stderr);
  return startBehindTunnel(tunnel);
}

test("npm start uses the tunnel's URL as PUBLIC_URL, and says so", async () => {
  const { server, url } = await startBehindTunnel("https://abc.ngrok.example");
  expect(server.stdout()).toContain("https://abc.ngrok.example, the address of its ngrok tunnel");
  const consent = await fetch(`${url}/install`, { redirect: "manual" });
  expect(consent.headers.get("location")).toContain(encodeURIComponent("https://abc.ngrok.example/token"));
});

test("PUBLIC_URL wins over a tunnel", async () => {
  const agent = await startNgrokAgent({ "https://abc.ngrok.example": "http://localhost:5000" });
  const source = { PUBLIC_URL: "https://mine.example", NGROK_API_URL: agent };
  expect(await readProcessConfig(source)).toMatchObject({
    publicUrl: "https://mine.example",
    isPublicUrlFromNgrok: false,
  });
});

test("a machine without an agent works as well", async () => {
  expect(await findNgrokUrl("http://127.0.0.1:1", 5000)).toBeNull();
});

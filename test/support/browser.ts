import type { Express } from "express";
import request from "supertest";

/** What a browser gets where an installation begins: the state and the cookie. */
export async function beginInstall(
  target: Express | string,
  path = "/install",
): Promise<{ state: string; cookie: string }> {
  const { headers } = await request(target).get(path).expect(302);
  const state = new URL(headers.location ?? "").searchParams.get("state") ?? "";
  const [cookie = ""] = [headers["set-cookie"] ?? []].flat();
  return { state, cookie: cookie.split(";")[0] ?? "" };
}

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

/** What a browser keeps of an answer, as it sends it back. */
export function cookiesOf({ headers }: { headers: Record<string, unknown> }): string {
  const given = [headers["set-cookie"] ?? []].flat();
  return given.map((cookie) => String(cookie).split(";")[0]).join("; ");
}

/** A browser that keeps its cookies and follows no redirect. */
export function openBrowser(target: Express | string) {
  return request.agent(target);
}

export type Browser = ReturnType<typeof openBrowser>;

/** Opens the address as a browser would: it keeps the cookies it gets and follows redirects. */
export async function visit(url: string, cookies: readonly string[] = []): Promise<Response> {
  const answer = await fetch(url, { redirect: "manual", headers: { cookie: cookies.join("; ") } });
  const location = answer.headers.get("location");
  if (location === null) return answer;
  const given = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
  return visit(new URL(location, url).href, [...cookies, ...given]);
}

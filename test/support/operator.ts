import type { Express } from "express";
import request from "supertest";

export const PASSWORD = "operator-password-invented";

/** A browser in which the password was given; any user name does. */
export function asOperator(target: Express | string) {
  return request.agent(target).auth("anybody", PASSWORD);
}

/** What the forms of a page prove themselves with. */
export function csrfIn(page: string): string {
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
  if (csrf === undefined) throw new Error(`no form on the page: ${page}`);
  return csrf;
}

/** What stands on a page for a person, without the marks and in one line. */
export function wordsOf(page: string): string {
  return page
    .replace(/<(title|desc)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

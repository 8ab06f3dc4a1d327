import { expect, test } from "vitest";
import type { Kind } from "./contract.ts";

export function newsContract(kind: Kind): void {
  test("another process on the same database hears the news, once", async () => {
    const place = kind.newPlace();
    const [server, command] = [await kind.open(place), await kind.open(place)];
    const before = await server.news.count();
    await command.news.tell();
    expect(await server.news.count()).toBe(before + 1);
    expect(await server.news.count()).toBe(before + 1);
  });
}

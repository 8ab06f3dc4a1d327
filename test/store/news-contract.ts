import { expect, test } from "vitest";
import type { Kind } from "./contract.ts";

export function newsContract(kind: Kind): void {
  test("what one process tells, another one on the same database hears, and it is not told again", async () => {
    const place = kind.newPlace();
    const [server, command] = [await kind.open(place), await kind.open(place)];
    const before = await server.news.count();
    await command.news.tell();
    expect(await server.news.count()).toBe(before + 1);
    expect(await server.news.count()).toBe(before + 1);
  });
}

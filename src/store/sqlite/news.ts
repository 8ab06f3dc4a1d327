import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { News } from "../store.ts";
import { type Commits, reading } from "./commits.ts";

const toldRow = z.object({ told: z.number() });

export function createNews(db: DatabaseSync, commits: Commits): News {
  const tell = db.prepare("UPDATE news SET told = told + 1");
  const count = db.prepare("SELECT told FROM news");
  return {
    tell: async () => {
      await commits.write(() => tell.run());
    },
    count: async () => reading(() => toldRow.parse(count.get()).told),
  };
}

import request from "supertest";
import { test } from "vitest";
import { createTestApp } from "../support/app.ts";

test.each([
  ["style.css", "text/css; charset=utf-8"],
  ["icon.svg", "image/svg+xml"],
  ["live.js", "text/javascript; charset=utf-8"],
  ["idiomorph.esm.js", "text/javascript; charset=utf-8"],
])(
  "the pages' %s is there for everybody, and asked for again only when it has changed",
  async (name, type) => {
    const { app } = createTestApp();

    const { headers } = await request(app).get(`/assets/${name}`).expect(200).expect("Content-Type", type);

    await request(app)
      .get(`/assets/${name}`)
      .set("If-None-Match", headers.etag ?? "")
      .expect(304);
  },
);

test.each([
  "tsconfig.json",
  "idiomorph.esm.d.ts",
  "idiomorph.js",
  "nothing.css",
  "../layout.ts",
  "..%2flayout.ts",
  "",
])("there is no /assets/%s", async (name) => {
  await request(createTestApp().app).get(`/assets/${name}`).expect(404);
});

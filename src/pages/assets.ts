import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";

export const ASSETS = "/assets";

const OWN = fileURLToPath(new URL("./assets/", import.meta.url));
/** The library with which live.js updates a page in place. */
const IDIOMORPH = dirname(fileURLToPath(import.meta.resolve("idiomorph")));

/** Serves the style, icon and scripts of the pages. Browsers check each time whether they have changed. */
export function createAssets(): Router {
  const options = { index: false, redirect: false };
  return Router()
    .get("/idiomorph.esm.js", express.static(IDIOMORPH, options))
    .get(/^\/\w+\.(css|svg|js)$/, express.static(OWN, options));
}

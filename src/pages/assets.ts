import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";

/** Where the pages find them. */
export const ASSETS = "/assets";

const OWN = fileURLToPath(new URL("./assets/", import.meta.url));
const IDIOMORPH = dirname(fileURLToPath(import.meta.resolve("idiomorph")));

/** The style, the icon and the script of the pages. Browsers ask each time whether they have changed. */
export function createAssets(): Router {
  const options = { index: false, redirect: false };
  return Router()
    .get("/idiomorph.esm.js", express.static(IDIOMORPH, options))
    .get(/^\/\w+\.(css|svg|js)$/, express.static(OWN, options));
}

// What the assets are served under that name; see assets.ts.
export { Idiomorph } from "idiomorph";

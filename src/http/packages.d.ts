// Parts of packages that are quicker to load than the whole, and have no types of their own.

// All of axios in one file instead of 66.
declare module "axios/dist/node/axios.cjs" {
  import axios from "axios";
  export default axios;
}

// Of undici only what makes calls.
declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export default Agent;
}

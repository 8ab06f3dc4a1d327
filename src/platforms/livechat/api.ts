import type { z } from "zod";
import { createHttp, type HttpOptions } from "../../http/http.ts";
import { quotaOf } from "../keyword-bot/events.ts";
import { misdirectedTo, outlookOf, readApiRefusal } from "./refusals.ts";

export type ApiOptions = Pick<HttpOptions, "platform" | "timeoutMs" | "gate" | "observe" | "onHeaders"> & {
  apiUrl: string;
  apiVersion: string;
};

/** One call of the API. */
export type ApiCall = {
  /** The organization on whose behalf it is made; null: the app's developer. */
  account: string | null;
  /** Where the organization is kept, if that is known. */
  region: string | null;
  /** The header: "Bearer …" or "Basic …". */
  authorization: string;
  /** For messages, e.g. "send_event". */
  name: string;
  /** Below the version. */
  path: string;
  json: object;
  /** False: a pause that LiveChat has asked for does not hold it back. */
  waits?: boolean;
};

export type CallApi = {
  <Shape extends z.ZodType>(call: ApiCall & { answer: Shape }): Promise<z.infer<Shape>>;
  (call: ApiCall): Promise<void>;
};

export type Api = {
  call: CallApi;
  /** The region that the organization's calls have to name, as far as this client was told; null: not told. */
  regionOf(account: string): string | null;
};

/**
 * Calls of LiveChat's API. An organization may be kept in another region than the one that was called: LiveChat then names
 * it (`misdirected_request`), and this call and all later ones of the organization go there.
 */
export function createApi({ apiUrl, apiVersion, ...options }: ApiOptions): Api {
  const http = createHttp({
    ...options,
    baseUrl: `${apiUrl}/${apiVersion}`,
    readRefusal: readApiRefusal,
    outlookOf,
  });
  const regions = new Map<string | null, string>();

  function callIn(
    region: string | null,
    { account, authorization, name, path, json, waits = true, answer }: ApiCall & { answer?: z.ZodType },
  ): Promise<unknown> {
    const quota = account === null || !waits ? null : quotaOf("livechat", account);
    const headers = { Authorization: authorization, ...(region !== null && { "X-Region": region }) };
    const call = { name, method: "POST", path, quota, headers, json } as const;
    return answer ? http({ ...call, answer }) : http(call);
  }

  function call<Shape extends z.ZodType>(given: ApiCall & { answer: Shape }): Promise<z.infer<Shape>>;
  function call(given: ApiCall): Promise<void>;
  async function call(given: ApiCall & { answer?: z.ZodType }): Promise<unknown> {
    const region = regions.get(given.account) ?? given.region;
    try {
      return await callIn(region, given);
    } catch (error) {
      const wanted = misdirectedTo(error);
      if (wanted === null || wanted === region) throw error;
      regions.set(given.account, wanted);
      return callIn(wanted, given);
    }
  }

  return { call, regionOf: (account) => regions.get(account) ?? null };
}

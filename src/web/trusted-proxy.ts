import { compile } from "proxy-addr";

/**
 * Whose word on the sender's address (`X-Forwarded-For`) is taken: that of the last hop before us, when it is one of these
 * addresses; nobody's further away. "loopback", "none", an address, or a network as CIDR.
 */
export function trustedProxy(setting: string): (address: string, hop: number) => boolean {
  const isTrusted = compile(setting === "none" ? [] : setting);
  return (address, hop) => hop === 0 && isTrusted(address, hop);
}

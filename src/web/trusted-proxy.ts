import { BlockList, isIP } from "node:net";

/**
 * Whose word on the sender's address (`X-Forwarded-For`) is taken: that of the last hop before us, when it is one of these
 * addresses; nobody's further away. "loopback", "none", an address, or a network as CIDR.
 */
export function trustedProxy(setting: string): (address: string, hop: number) => boolean {
  const trusted = new BlockList();
  if (setting === "loopback") {
    trusted.addSubnet("127.0.0.0", 8, "ipv4");
    trusted.addAddress("::1", "ipv6");
  } else if (setting !== "none") {
    const [address = "", bits] = setting.split("/");
    if (bits === undefined) trusted.addAddress(address, family(address));
    else trusted.addSubnet(address, Number(bits), family(address));
  }
  return (address, hop) => hop === 0 && isIP(address) !== 0 && trusted.check(address, family(address));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

import { BlockList, isIP } from "node:net";

/** Everything that is not an address of the public internet (IANA's special-purpose registries), IPv4 in IPv6 included. */
const INNER = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  INNER.addSubnet(network, bits, "ipv4");
}
/** Of IPv6 only 2000::/3 is given out; of that these lead elsewhere: Teredo, ORCHID, documentation, 6to4. */
const OUTER6 = new BlockList();
OUTER6.addSubnet("2000::", 3, "ipv6");
const INNER6 = new BlockList();
for (const [network, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
] as const) {
  INNER6.addSubnet(network, bits, "ipv6");
}

/** Whether an address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, "");
  switch (isIP(bare)) {
    case 4:
      return !INNER.check(bare, "ipv4");
    case 6:
      return OUTER6.check(bare, "ipv6") && !INNER6.check(bare, "ipv6");
    default:
      return false;
  }
}

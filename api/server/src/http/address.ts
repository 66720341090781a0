import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { HeaderReader } from "@shiplog/live";

/** Finds out where a request came from; null: nobody knows. */
export type AddressReader = (
  headers: HeaderReader,
  incoming: Pick<IncomingMessage, "socket"> | undefined,
) => string | null;

/** Addresses and networks (`10.0.0.0/8`, `::1`) of the proxies whose word counts; entries that are neither match nothing. */
function proxyList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address);
    if (family === 0) continue;
    const type = family === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}

/** An IPv4 client on a dual-stack socket reads ::ffff:1.2.3.4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").trim();
}

/**
 * The caller's address: the peer's, or, behind trusted proxies only, the last entry of X-Forwarded-For that is
 * not itself a trusted proxy. Entries before it are the client's own claim and count for nothing.
 */
export function addressReader(trustedProxies: readonly string[]): AddressReader {
  const trusted = proxyList(trustedProxies);
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (headers, incoming) => {
    const peer = incoming?.socket.remoteAddress;
    if (!peer) return null;
    const hops = (headers.get("x-forwarded-for") ?? "").split(",").map(plain).filter(Boolean);
    let address = plain(peer);
    while (isTrusted(address) && hops.length > 0) address = hops.pop() ?? address;
    return isIP(address) === 0 ? plain(peer) : address;
  };
}

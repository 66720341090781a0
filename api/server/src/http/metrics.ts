import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Registry } from "prom-client";
import type { Env } from "../env.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** What proxies say of whom they ask for. */
const FORWARDED = /^(x-forwarded-.*|forwarded|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|via)$/;

export interface MetricsAccess {
  readonly token: string | undefined;
  /**
   * Whether a caller on this machine needs no token. No where a proxy is: plainly set up it tells nothing of whom it
   * asks for, and what it hands on looks as if it came from here.
   */
  readonly local: boolean;
}

/** Who may read the metrics of a process. */
export function metricsAccess(
  { metricsToken, role, trustedProxies }: Pick<Env, "metricsToken" | "role" | "trustedProxies">,
  publicUrl: string,
): MetricsAccess {
  // The port of a lone worker is its own: nobody publishes it.
  const direct = trustedProxies.length === 0 && isLocal(new URL(publicUrl).hostname);
  return { token: metricsToken, local: role === "worker" || direct };
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4");
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Whether the caller may read the metrics: with the token where one is configured, else from this machine only. What a
 * proxy here hands on is not from this machine, nor is a page whose host name was pointed at it.
 */
function mayRead(request: Request, peer: string | undefined, { token, local }: MetricsAccess): boolean {
  if (token) return sameSecret(request.headers.get("authorization") ?? "", `Bearer ${token}`);
  if (!local || [...request.headers.keys()].some((name) => FORWARDED.test(name))) return false;
  return isLoopback((peer ?? "").replace(/^::ffff:/i, "")) && isLocal(new URL(request.url).hostname);
}

/** GET /metrics, in the text format of Prometheus. */
export async function serveMetrics(
  registry: Registry,
  access: MetricsAccess,
  request: Request,
  { incoming }: { readonly incoming: IncomingMessage },
): Promise<Response> {
  if (request.method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
  if (!mayRead(request, incoming.socket.remoteAddress, access)) {
    const message =
      "The metrics need SHIPLOG_METRICS_TOKEN as a bearer token; without a proxy, a caller on this machine does not.\n";
    return new Response(message, { status: 401, headers: { "www-authenticate": "Bearer" } });
  }
  const headers = { "content-type": registry.contentType, "cache-control": "no-store" };
  return new Response(await registry.metrics(), { headers });
}

import { lookup as systemLookup } from "node:dns/promises";
import { type ClientRequest, type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { SILENT, type Telemetry } from "@shiplog/core";
import { isPublicAddress } from "./addresses.ts";

/** Why a request may not go out, or did not come back. */
export class EgressError extends Error {
  override readonly name = "EgressError";
}

export interface EgressOptions {
  /** Hosts, with a port unless it is the scheme's own, that may be anywhere: a GitHub or GitLab of one's own. */
  readonly allow?: readonly string[];
  /**
   * Of these hosts the operator's own: only they are sent the `traceparent`. The id of a trace is that of a person's
   * request, and whoever gets several could tell that they belong together.
   */
  readonly traced?: readonly string[];
  readonly telemetry?: Telemetry;
  readonly connectMs?: number;
  readonly totalMs?: number;
  /** Bytes of an answer. */
  readonly most?: number;
  /** Resolves a name to all of its addresses; the system's unless given. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const DEFAULTS = { connectMs: 5_000, totalMs: 10_000, most: 64 * 1024 } as const;
const LATE = "The other side did not answer in time.";
const REDIRECTS = 5;
const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
const MOVED = new Set([301, 302, 303, 307, 308]);

type Settings = Required<EgressOptions>;

async function resolveAll(host: string): Promise<string[]> {
  return (await systemLookup(host, { all: true, verbatim: true })).map(({ address }) => address);
}

/**
 * A `fetch` for addresses that somebody else chose. It reaches the public internet only, on the schemes' own ports: the
 * literal, every address of a name and the connected socket are checked, the connection goes to an address that was
 * checked (so that a name which changes its mind gains nothing), and each redirect is a request of its own. No proxy.
 */
export function createEgressFetch(options: EgressOptions = {}): typeof fetch {
  const settings: Settings = {
    allow: [],
    traced: [],
    telemetry: SILENT,
    resolve: resolveAll,
    ...DEFAULTS,
    ...options,
  };
  return async (input, init) => {
    const request = new Request(input, { ...init, redirect: "manual" });
    const wanted = init?.redirect ?? (input instanceof Request ? input.redirect : "follow");
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : null;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new EgressError(LATE)), settings.totalMs);
    const deadline = AbortSignal.any([request.signal, late.signal]);
    return follow(request, { body, deadline, wanted }, settings).finally(() => clearTimeout(timer));
  };
}

interface Follow {
  readonly body: Buffer | null;
  readonly deadline: AbortSignal;
  /** What the caller wants of redirects. */
  readonly wanted: RequestRedirect;
}

async function follow(
  first: Request,
  { body, deadline, wanted }: Follow,
  settings: Settings,
): Promise<Response> {
  let request = first;
  for (let hop = 0; ; hop++) {
    const response = await once(request, request.method === "GET" ? null : body, deadline, settings);
    const location = MOVED.has(response.status) && response.headers.get("location");
    if (!location || wanted === "manual") return response;
    if (wanted === "error" || hop === REDIRECTS) throw new EgressError("The answer redirects elsewhere.");
    request = redirected(request, response.status, location);
  }
}

/** Rejects with the signal's reason, whatever the work does then. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Credentials do not follow to another origin; anything but 307 and 308 becomes a GET. */
function redirected(request: Request, status: number, location: string): Request {
  const url = new URL(location, request.url);
  const headers = new Headers(request.headers);
  const keeps = status === 307 || status === 308;
  if (url.origin !== new URL(request.url).origin) {
    for (const name of ["authorization", "cookie", "proxy-authorization"]) headers.delete(name);
  }
  return new Request(url, { method: keeps ? request.method : "GET", headers, redirect: "manual" });
}

/** The addresses that this request may connect to. */
async function addressesOf(url: URL, settings: Settings): Promise<readonly string[]> {
  const defaultPort = PORTS[url.protocol];
  if (defaultPort === undefined) throw new EgressError(`${url.protocol} is not fetched.`);
  if (url.username || url.password) throw new EgressError("An address with a password is not fetched.");
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const addresses = isIP(host) ? [host] : await settings.resolve(host);
  if (settings.allow.includes(url.host)) return addresses;
  if (url.port) throw new EgressError(`The port ${url.port} is not fetched.`);
  if (addresses.length === 0 || !addresses.every(isPublicAddress)) {
    throw new EgressError("The address is not one of the public internet.");
  }
  return addresses;
}

async function once(
  request: Request,
  body: Buffer | null,
  signal: AbortSignal,
  settings: Settings,
): Promise<Response> {
  const url = new URL(request.url);
  const addresses = await unlessAborted(signal, addressesOf(url, settings));
  const work = { kind: "outgoing_request", method: request.method, host: url.host } as const;
  return settings.telemetry.measure(work, () =>
    unlessAborted(signal, exchange(request, body, { addresses, signal }, settings)),
  );
}

interface Going {
  /** That were checked. */
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
}

async function exchange(
  request: Request,
  body: Buffer | null,
  { addresses, signal }: Going,
  settings: Settings,
): Promise<Response> {
  const url = new URL(request.url);
  const pinned: LookupFunction = (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all) done(null, found);
    else done(null, found[0]?.address ?? "", found[0]?.family);
  };
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const send = url.protocol === "https:" ? secure : plain;
  const headers = headersOf(request, url, settings);
  const outgoing = send(url, { method: request.method, headers, signal, lookup: pinned, agent: false });
  outgoing.on("error", reject);
  outgoing.on("response", (incoming) => {
    read(incoming, settings.most).then(resolve, reject);
  });
  guard(outgoing, addresses, settings.connectMs);
  outgoing.end(body ?? undefined);
  return promise;
}

/** A trace goes no further than to those that the operator calls his own, also not one that somebody set. */
function headersOf({ headers }: Request, { host }: URL, settings: Settings): Record<string, string> {
  const { traceparent: _, tracestate: __, ...kept } = Object.fromEntries(headers);
  const traceparent = settings.traced.includes(host) ? settings.telemetry.traceparent() : null;
  return { ...kept, "accept-encoding": "identity", ...(traceparent && { traceparent }) };
}

/** The socket must have gone where it was sent, in time. */
function guard(outgoing: ClientRequest, addresses: readonly string[], connectMs: number): void {
  const timer = setTimeout(
    () => outgoing.destroy(new EgressError("The other side does not answer.")),
    connectMs,
  );
  outgoing.on("close", () => clearTimeout(timer));
  outgoing.on("socket", (socket) => {
    socket.once("connect", () => {
      clearTimeout(timer);
      const { remoteAddress = "" } = socket;
      if (!addresses.includes(remoteAddress)) {
        outgoing.destroy(new EgressError(`The connection went to ${remoteAddress}.`));
      }
    });
  });
}

async function read(incoming: IncomingMessage, most: number): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > most) {
      incoming.destroy();
      throw new EgressError(`The answer is larger than ${most} bytes.`);
    }
    chunks.push(chunk);
  }
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return new Response([204, 205, 304].includes(status) ? null : Buffer.concat(chunks), { status, headers });
}

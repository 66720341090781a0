import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { openApiDocument } from "../document.ts";
import type { RestApp, RestContext } from "../http/env.ts";
import { type Nonced, nonced } from "../http/nonce.ts";
import { servePage } from "../http/route.ts";

const BASE = "/api/docs";
const DOCUMENT = "/api/v1/openapi.json";

/** Nothing may come from or go to another host, whatever the reference's script would like to do. */
const page = ({ nonce, head }: Nonced) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    ${head}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Shiplog REST API</title>
    <link rel="icon" href="/favicon.svg">
  </head>
  <body>
    <div id="reference"></div>
    <script nonce="${nonce}">globalThis.__zod_globalConfig = { jitless: true };</script>
    <script nonce="${nonce}" src="${BASE}/reference.js"></script>
    <script nonce="${nonce}" src="${BASE}/boot.js"></script>
  </body>
</html>
`;

const BOOT = `Scalar.createApiReference("#reference", ${JSON.stringify({
  url: DOCUMENT,
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
})});
`;

const SCRIPT = "text/javascript; charset=utf-8";

/** The document and its reference page, from files of our own installation; public. */
export function registerDocs(app: RestApp): void {
  let script: Promise<Uint8Array<ArrayBuffer>> | null = null;
  servePage(app, DOCUMENT, (c) => c.json(openApiDocument(app)));
  servePage(app, BASE, (c) => {
    const { html, policy } = nonced(page, []);
    c.header("content-security-policy", policy);
    c.header("referrer-policy", "no-referrer");
    return c.html(html);
  });
  servePage(app, `${BASE}/boot.js`, (c) => c.body(BOOT, 200, { "content-type": SCRIPT }));
  servePage(app, `${BASE}/reference.js`, async (c) => {
    script ??= packScript();
    return serveScript(c, await script);
  });
}

/** 4 MB of text that compress to a quarter: packed once, at the first visit. */
async function packScript(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = createRequire(import.meta.url).resolve("@scalar/api-reference");
  const folder = entry.slice(0, entry.lastIndexOf(join("dist", "")));
  const packed = await promisify(gzip)(
    await readFile(join(folder || dirname(entry), "dist/browser/standalone.js")),
  );
  return new Uint8Array(packed);
}

function serveScript(c: RestContext, packed: Uint8Array<ArrayBuffer>): Response {
  c.header("cache-control", "public, max-age=3600");
  c.header("content-type", SCRIPT);
  c.header("vary", "accept-encoding");
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) {
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return c.body(plain);
  }
  c.header("content-encoding", "gzip");
  return c.body(packed);
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { ownOrigins } from "@shiplog/ingest";
import { Hono } from "hono";

function policyOf(publicUrl: string): string {
  // Older browsers do not take 'self' for the sockets of the same host.
  const origins = ownOrigins(publicUrl).map((origin) => origin.replace(/^http/, "ws"));
  // A policy cannot name an IPv6 address: browsers complain of it on each page, and pass it over.
  const sockets = origins.filter((origin) => !origin.includes("["));
  return [
    "default-src 'self'",
    "script-src 'self'",
    // Widths of bars are set by script, property by property, which needs no permission.
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...sockets].join(" "),
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}

const FILE = /\.[a-z0-9]+$/i;
/** Notes of whoever built it, however they are spelled. */
const HIDDEN = /\/(?:\.|%2e)/i;

/**
 * The built dashboard: hashed files are immutable, every other path that asks for a page is index.html (the
 * router is in the browser). Without a build the answer says how to make one.
 */
export function dashboardRoutes(folder: string, publicUrl: string): Hono {
  const app = new Hono();
  const policy = policyOf(publicUrl);
  app.use("*", async (c, next) => (HIDDEN.test(c.req.path) ? c.notFound() : next()));
  app.get("*", async (c, next) => {
    if (FILE.test(c.req.path) || !(c.req.header("accept") ?? "").includes("text/html")) return next();
    const page = await readFile(join(folder, "index.html"), "utf8").catch(() => null);
    if (page === null) return c.text("The dashboard is not built: run `npx --yes pnpm@12 start`.", 503);
    return c.html(page, 200, { "cache-control": "no-cache", "content-security-policy": policy });
  });
  app.use("/assets/*", async (c, next) => {
    await next();
    if (c.res.ok) c.header("cache-control", "public, max-age=31536000, immutable");
  });
  app.use("*", serveStatic({ root: folder, precompressed: true, index: "index.html" }));
  return app;
}

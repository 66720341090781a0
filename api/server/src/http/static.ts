import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";

const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  // Bars and columns set their widths as inline styles.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

const FILE = /\.[a-z0-9]+$/i;

/**
 * The built dashboard: hashed files are immutable, every other path that asks for a page is index.html (the
 * router is in the browser). Without a build the answer says how to make one.
 */
export function dashboardRoutes(folder: string): Hono {
  const app = new Hono();
  app.get("*", async (c, next) => {
    if (FILE.test(c.req.path) || !(c.req.header("accept") ?? "").includes("text/html")) return next();
    const page = await readFile(join(folder, "index.html"), "utf8").catch(() => null);
    if (page === null) return c.text("The dashboard is not built: run `npx --yes pnpm@12 start`.", 503);
    return c.html(page, 200, { "cache-control": "no-cache", "content-security-policy": POLICY });
  });
  app.use("/assets/*", async (c, next) => {
    await next();
    if (c.res.ok) c.header("cache-control", "public, max-age=31536000, immutable");
  });
  app.use("*", serveStatic({ root: folder, precompressed: true, index: "index.html" }));
  return app;
}

import { gzipSync } from "node:zlib";
import { type Nonced, nonced } from "@shiplog/ingest";
import { Hono } from "hono";

/** Where the explorer's own files live; nothing comes from another host. */
const BASE = "/graphql/assets";

interface Assets {
  readonly js: string;
  readonly css: string;
  readonly favicon: string;
  readonly editorWorkerService: string;
  readonly jsonWorker: string;
  readonly graphqlWorker: string;
}

interface Packed {
  readonly type: string;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** The package exports only a page with 9 MB of inline script; its parts are served as cacheable files. */
async function loadAssets(): Promise<Assets> {
  const entry = import.meta.resolve("@graphql-yoga/render-graphiql");
  return (await import(new URL("./graphiql.js", entry).href)) as Assets;
}

const BOOT = `
self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_, label) => "${BASE}/" + ({ json: "json", graphql: "graphql" }[label] ?? "editor") + ".worker.js",
};
YogaGraphiQL.renderYogaGraphiQL(document.querySelector("#root"), {
  endpoint: "/graphql",
  subscriptionsProtocol: "WS",
  title: "Shiplog GraphiQL",
  shouldPersistHeaders: false,
  defaultQuery: ${JSON.stringify(
    "# Press Ctrl-Enter to run. You are signed in with the dashboard's session.\n{\n  viewer {\n    user {\n      name\n    }\n    projects {\n      id\n      name\n    }\n  }\n}\n",
  )},
});`;

const page = ({ nonce, head }: Nonced) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    ${head}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Shiplog GraphiQL</title>
    <link rel="icon" href="/favicon.svg">
    <link rel="stylesheet" href="${BASE}/graphiql.css">
  </head>
  <body id="body" class="no-focus-outline">
    <div id="root"></div>
    <script nonce="${nonce}" src="${BASE}/graphiql.js"></script>
    <script nonce="${nonce}" src="${BASE}/boot.js"></script>
  </body>
</html>
`;

const SOURCES = ["worker-src 'self' blob:", "manifest-src 'none'"];

function pack(assets: Assets): Map<string, Packed> {
  const script = "text/javascript; charset=utf-8";
  const files: readonly (readonly [string, string, string])[] = [
    ["graphiql.js", script, assets.js],
    ["boot.js", script, BOOT],
    ["graphiql.css", "text/css; charset=utf-8", assets.css],
    ["editor.worker.js", script, assets.editorWorkerService],
    ["json.worker.js", script, assets.jsonWorker],
    ["graphql.worker.js", script, assets.graphqlWorker],
  ];
  return new Map(files.map(([name, type, text]) => [name, { type, gzip: gzipSync(text) }]));
}

/**
 * GraphiQL for browsers at GET /graphql and its files; loaded and compressed at the first request. Not served where
 * no person may send documents of his own.
 */
export function graphiqlRoutes(served: boolean): Hono {
  const app = new Hono();
  if (!served) return app;
  let packed: Promise<Map<string, Packed>> | undefined;
  app.get(`${BASE}/:file`, async (c) => {
    packed ??= loadAssets().then(pack);
    const file = (await packed).get(c.req.param("file"));
    if (!file) return c.notFound();
    return c.body(file.gzip, 200, {
      "content-type": file.type,
      "content-encoding": "gzip",
      // A worker lives by the policy of its own file.
      "content-security-policy": "default-src 'self'",
      "cache-control": "public, max-age=86400",
    });
  });
  app.get("/graphql", async (c, next) => {
    const accept = c.req.header("accept") ?? "";
    const asks = accept.includes("text/html") && c.req.query("query") === undefined;
    if (!asks) return next();
    const { html, policy } = nonced(page, SOURCES);
    return c.html(html, 200, { "content-security-policy": policy, "cache-control": "no-store" });
  });
  return app;
}

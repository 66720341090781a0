import type { RestApp } from "./http/env.ts";

/** Components that routes refer to by name. */
export function registerSecurity(app: RestApp): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key (`slk_…`) or an access token.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "cookie", {
    type: "apiKey",
    in: "cookie",
    name: "shiplog_at",
    description: "Set by login; named `__Host-shiplog_at` over https.",
  });
}

/** The OpenAPI 3.1 document of every route of the app. */
export function openApiDocument(app: RestApp): object {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Shiplog REST API",
      version: "1",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
      description:
        "Intake and sign-in; everything else is in the GraphQL API at `/graphql`. Every answer is an envelope " +
        "`{data, meta: {requestId}, errors}`. Ids are opaque prefixed strings; times are RFC 3339 in UTC.",
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "auth", description: "Sign-in, refresh and sign-out." },
      { name: "agents", description: "Runs of agents." },
      { name: "webhooks", description: "Deliveries of other systems, proved by a signature." },
      { name: "health", description: "For balancers and supervisors." },
    ],
  });
}

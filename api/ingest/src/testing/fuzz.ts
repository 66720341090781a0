import { encodeId, type Log } from "@shiplog/core";
import { createIntegration, createProject } from "@shiplog/core/project";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { SEED } from "@shiplog/testkit/seed";
import fc from "fast-check";
import { openApiDocument } from "../document.ts";
import type { Document } from "./openapi.ts";
import { problemOf } from "./openapi.ts";
import { type GeneratedRequest, requestsOf, type World } from "./requests.ts";
import { OWNER, restClient } from "./rest.ts";

export interface Fuzz {
  readonly operations: readonly {
    readonly name: string;
    run(numRuns: number): Promise<Map<number, number>>;
  }[];
}

/** Every operation of the document with a run that sends it generated requests and fails on a wrong answer. */
export async function fuzzRest(): Promise<Fuzz> {
  const failures: unknown[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => failures.push(fields) };
  const analyze = { type: "analyze", description: "Reads a project", needsWorkspace: true };
  const ctx = await makeContext(await testDatabase(), { log, agentTypes: [analyze] });
  const rest = await restClient(ctx);
  const person = await makePerson(ctx);
  const project = await createProject(ctx, person.actor, { name: "Fuzz" });
  const folder = ctx.settings.workspaces[0] ?? "";
  await ctx.db.projectWorkspace.create({
    data: { projectId: project.id, path: folder, createdAt: ctx.clock.now() },
  });
  const { integration, secret } = await createIntegration(ctx, person.actor, {
    projectId: project.id,
    provider: "github",
  });
  const world: World = {
    values: {
      email: [OWNER.email, person.email],
      password: [OWNER.password],
      projectId: [
        encodeId("Project", project.id),
        encodeId("Project", ctx.newId()),
        encodeId("User", ctx.newId()),
      ],
      path: [folder, "/", "relative"],
      provider: ["github", "github", "github", "gitlab"],
      integrationId: [
        encodeId("Integration", integration.id),
        encodeId("Integration", integration.id),
        encodeId("Integration", integration.id),
        encodeId("Integration", ctx.newId()),
        integration.id,
      ],
    },
    authorizations: [
      `Bearer ${(await makeKey(ctx, project.id, ["agent:write"])).secret}`,
      `Bearer ${(await makeKey(ctx, project.id, ["agent:read"])).secret}`,
      `Bearer ${person.accessToken}`,
    ],
    cookies: [(await rest.login()).cookie, `shiplog_at=${person.accessToken}`, "shiplog_at=; shiplog_rt=x"],
    origins: [ctx.settings.publicUrl, "https://evil.example", "null"],
    webhookSecret: secret,
  };
  const document = openApiDocument(rest.app) as Document;
  const send = async ({ path, ...init }: GeneratedRequest) => {
    const response = await rest.app.request(path, init);
    return {
      status: response.status,
      contentType: response.headers.get("content-type"),
      text: await response.text(),
    };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: operation.operationId,
      async run(numRuns: number) {
        const statuses = new Map<number, number>();
        const property = fc.asyncProperty(
          requestsOf(document, { method, path, operation }, world),
          async (request) => {
            const answer = await send(request);
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            if (answer.status >= 500)
              throw new Error(`${answer.status} ${answer.text} ${String(failures.at(-1))}`);
            const problem = problemOf(document, operation, answer);
            if (problem) throw new Error(`${problem}\n${answer.text}`);
          },
        );
        await fc.assert(property, { numRuns, seed: SEED });
        return statuses;
      },
    })),
  );
  return { operations };
}

import { createHmac } from "node:crypto";
import { encodeId, SYSTEM } from "@shiplog/core";
import {
  createIntegration,
  createProject,
  type IntakeProvider,
  receiveDelivery,
} from "@shiplog/core/project";
import { providers } from "@shiplog/ingest/providers";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, it, vi } from "vitest";
import { startWorker } from "../start.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const github = providers.get("github") as IntakeProvider;

async function receive(
  integrationId: string,
  secret: string,
  deliveryId: string,
  event: string,
  payload: object,
) {
  const body = Buffer.from(JSON.stringify(payload));
  const { outcome } = await receiveDelivery(ctx, github, {
    integrationId: encodeId("Integration", integrationId),
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": deliveryId,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
    readBody: async () => body,
  });
  expect(outcome).toBe("accepted");
}

it("folds what the webhook stored, by the job of the same transaction", async () => {
  const project = await createProject(ctx, SYSTEM, { name: "Shop" });
  const input = { projectId: project.id, provider: "github" };
  const { integration, secret } = await createIntegration(ctx, SYSTEM, input);
  const repository = { id: 7, full_name: "acme/shop" };
  const run = { id: 1, name: "CI", run_attempt: 1, status: "completed", conclusion: "failure" };
  await receive(integration.id, secret, "d1", "workflow_run", { workflow_run: run, repository });
  await receive(integration.id, secret, "d2", "workflow_run", { workflow_run: "unreadable", repository });

  const agents = { definitions: new Map(), openTools: () => Promise.reject(new Error("no agents here")) };
  const worker = await startWorker({ ctx, connectionString: database.url, agents, providers });
  try {
    await vi.waitFor(
      async () => {
        const rows = await database.db.webhookDelivery.findMany({ orderBy: { deliveryId: "asc" } });
        expect(rows.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
          ["processed", 1],
          ["failed", 1],
        ]);
      },
      { timeout: 20_000, interval: 50 },
    );
  } finally {
    await worker.stop();
  }
  const pipeline = await database.db.pipelineExecution.findFirst({ where: { projectId: project.id } });
  expect(pipeline).toMatchObject({ pipelineName: "CI", status: "failed" });
});

import { createHmac, randomBytes } from "node:crypto";
import { encodeId, SYSTEM } from "@shiplog/core";
import { providers } from "@shiplog/ingest/providers";
import { dumpTexts, KINDS, written } from "@shiplog/testkit/canaries";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, it } from "vitest";
import { recordAIActivity } from "../activity/index.ts";
import { appendAgentExecutionEvents, finishAgentExecution, startAgentExecution } from "../agent/index.ts";
import { createStreams } from "../live/index.ts";
import {
  createIntegration,
  createProject,
  type IntakeProvider,
  processDelivery,
  receiveDelivery,
} from "../project/index.ts";

const database = await testDatabase();
const hex = (size: number) => randomBytes(size).toString("hex").slice(0, size);
const makers = Object.values(KINDS);
/** 36 that are told by their form, and 3 of the installation, which look like nothing; the 40th is the webhook's own. */
const canaries = Array.from({ length: 36 }, (_, i) => makers[i % makers.length]?.() ?? "");
const installations = Array.from({ length: 3 }, () => `${hex(10)}/${hex(10)}+${hex(10)}`);
const logged: string[] = [];
const line = (fields: object, message: string) => void logged.push(JSON.stringify([fields, message]));
const log = { debug: line, info: line, warn: line, error: line, critical: line };
const ctx = await makeContext(database, { log, ownSecrets: installations });
const github = providers.get("github") as IntakeProvider;

it("40 canaries that go in everywhere come out nowhere", async () => {
  const { id: projectId } = await createProject(ctx, SYSTEM, { name: "Canaries" });
  const { integration, secret } = await createIntegration(ctx, SYSTEM, { projectId, provider: "github" });
  const owned = [...installations, secret];
  const all = [...canaries, ...owned.flatMap(written)];
  const text = `Look: ${all.join(" , ")}\n`;
  const nested = { env: all, deep: { [canaries[0] ?? ""]: { token: canaries[1] ?? "" } } };
  const streams = createStreams(ctx);

  const codeChanges = [{ path: "a.ts", diff: `+${text}` }];
  const prompts = { prompt: text, response: text, decision: canaries[2], codeChanges };
  await recordAIActivity(ctx, SYSTEM, { projectId, tool: "claude", ...prompts });
  const { id } = await startAgentExecution(ctx, SYSTEM, {
    projectId,
    agentType: "canary",
    taskDescription: text.slice(0, 9_000),
    inputData: nested,
    external: true,
  });
  const [first = "", second = ""] = canaries;
  await appendAgentExecutionEvents(ctx, SYSTEM, {
    id,
    events: [
      // In pieces.
      ...[...first].map((piece) => ({ textDelta: { messageId: "m", text: piece } })),
      { message: { messageId: "m", role: "assistant", text } },
      { message: { messageId: "n", role: "assistant", text: `${"long ".repeat(4_000)}${text}` } },
      { toolCallStarted: { callId: "c", tool: "Bash", arguments: nested } },
      { toolCallFinished: { callId: "c", ok: true, result: text, durationMs: 1 } },
    ] as never,
  });
  const end = { status: "failed" as const, outputData: nested, errorMessage: `it said ${second}` };
  await finishAgentExecution(ctx, SYSTEM, { id, ...end });

  const commit = {
    id: "a".repeat(40),
    message: text,
    timestamp: "2026-01-01T00:00:00Z",
    author: { name: second },
  };
  const payload = {
    ref: "refs/heads/main",
    commits: [commit],
    repository: { id: 7, full_name: "acme/shop" },
  };
  const body = Buffer.from(JSON.stringify({ ...payload, head_commit: commit }));
  const received = await receiveDelivery(ctx, github, {
    integrationId: encodeId("Integration", integration.id),
    headers: {
      "content-type": "application/json",
      "user-agent": `GitHub-Hookshot/${second}`,
      "x-github-event": "push",
      "x-github-delivery": crypto.randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
    readBody: async () => body,
  });
  expect(received.outcome).toBe("accepted");
  const delivery = await database.db.webhookDelivery.findFirstOrThrow();
  expect(await processDelivery(ctx, { id: delivery.id }, providers)).toBe("processed");

  const events: string[] = [];
  const publicId = encodeId("AgentExecution", id);
  const stream = await streams.open({ kind: "agent_execution", id: publicId, actor: SYSTEM });
  for await (const batch of stream) {
    events.push(JSON.stringify(batch));
    if (batch.caughtUp) break;
  }
  streams.close();

  const tables = await dumpTexts(database.db);
  const places = { ...tables, events: events.join("\n"), log: logged.join("\n") };
  expect(Object.values(tables).join().length).toBeGreaterThan(10_000);
  expect(places.events).toContain("AgentMessage");
  for (const [place, content] of Object.entries(places)) {
    const leaked = all.filter((form) => content.includes(form.replaceAll('"', "")));
    expect(leaked, place).toEqual([]);
  }
  // What is no secret is all there.
  expect(await database.db.commit.count()).toBe(1);
  expect(places.events).toContain("Look: [redacted]");
});

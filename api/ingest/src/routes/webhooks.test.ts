import { type Context, encodeId, SYSTEM } from "@shiplog/core";
import {
  deliveryPayload,
  type IntakeProvider,
  PayloadError,
  processDelivery,
  reprocessDelivery,
} from "@shiplog/core/project";
import { queryRaw, sql } from "@shiplog/db";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeEach, describe, expect, it } from "vitest";
import { type Inbox, makeInbox, sign, webhookApp } from "../fixtures/intake.ts";
import { run } from "../fixtures/payloads.ts";
import { providers } from "../providers/index.ts";

const database = await testDatabase();
const { db } = database;
const clock = createTestClock();
let ctx: Context;
let inbox: Inbox;

beforeEach(async () => {
  ctx = await makeContext(database, { clock });
  inbox = await makeInbox(ctx);
});

const { event, payload } = run("completed", { status: "completed", conclusion: "failure", updated: 31 });

function signed(body: string | Uint8Array, more: Record<string, string | undefined> = {}) {
  return {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": "0b989ba4-242f-11e5-81e1-c7b6966d2516",
    "x-hub-signature-256": sign(inbox.secret, body),
    ...more,
  };
}

function deliveries() {
  return db.webhookDelivery.findMany({ where: { integrationId: inbox.integrationId } });
}

function integration() {
  return db.integration.findUniqueOrThrow({ where: { id: inbox.integrationId } });
}

async function expectRefused(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({
    data: null,
    errors: [{ code, message: expect.any(String) }],
  });
  expect(await deliveries()).toEqual([]);
}

describe("a signed delivery", () => {
  it("is stored with its payload and a job before the 202", async () => {
    const answer = await inbox.post(event, payload, { cookie: "a=b", authorization: "Bearer x" });
    expect(answer.status).toBe(202);
    const [delivery] = await deliveries();
    expect(await answer.json()).toMatchObject({
      data: { id: encodeId("WebhookDelivery", delivery?.id ?? ""), duplicate: false },
      errors: [],
    });
    expect(delivery).toMatchObject({
      event: "workflow_run",
      action: "completed",
      outcome: "received",
      contentType: "application/json",
      bodyBytes: JSON.stringify(payload).length,
      headers: {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-event": "workflow_run",
        "x-github-delivery": delivery?.deliveryId,
      },
    });
    expect(Object.keys(delivery?.headers ?? {})).toHaveLength(4);
    const jobs = await queryRaw<{ payload: unknown }>(
      db,
      sql`SELECT j.payload FROM graphile_worker._private_jobs j WHERE j.payload->>'id' = ${delivery?.id}`,
    );
    expect(jobs).toHaveLength(1);
    const kept = await deliveryPayload(ctx, SYSTEM, { id: delivery?.id ?? "" });
    expect(kept).toEqual({ payload, text: JSON.stringify(payload) });
  });

  it("may be a form, signed over the raw form", async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const headers = signed(body, { "content-type": "application/x-www-form-urlencoded; charset=utf-8" });
    expect((await inbox.postRaw(body, headers)).status).toBe(202);
    await inbox.drain();
    expect(await deliveries()).toMatchObject([{ outcome: "processed", action: "completed" }]);
    expect(await db.pipelineExecution.count({ where: { projectId: inbox.projectId } })).toBe(1);
  });

  it("has one effect in 50 parallel copies", async () => {
    const body = JSON.stringify(payload);
    const answers = await Promise.all(Array.from({ length: 50 }, () => inbox.postRaw(body, signed(body))));
    const statuses = answers.map((answer) => answer.status).toSorted();
    expect(statuses).toEqual([...Array(49).fill(200), 202]);
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    const ids = new Set(bodies.map((answer) => (answer as { data: { id: string } }).data.id));
    expect(ids.size).toBe(1);
    const [delivery, ...others] = await deliveries();
    expect(others).toEqual([]);
    expect(delivery).toMatchObject({ duplicates: 49 });
    await Promise.all(
      Array.from({ length: 5 }, () => processDelivery(ctx, { id: delivery?.id ?? "" }, providers)),
    );
    const [pipeline] = await db.pipelineExecution.findMany({ where: { projectId: inbox.projectId } });
    expect(await db.streamEvent.count({ where: { streamId: pipeline?.id } })).toBe(1);
    expect(await db.streamEvent.count({ where: { streamId: inbox.projectId } })).toBe(1);
  });

  it("makes the integration active and says when", async () => {
    await inbox.post("ping", { zen: "Keep it logically awesome." });
    await inbox.drain();
    expect(await integration()).toMatchObject({
      status: "active",
      lastError: null,
      lastDeliveryAt: clock.now(),
    });
    expect(await deliveries()).toMatchObject([{ outcome: "processed", attempts: 1, durationMs: 0 }]);
  });

  it("of an event that is not modelled is stored and marked", async () => {
    await inbox.post("star", { action: "created", starred_at: null });
    await inbox.drain();
    expect(await deliveries()).toMatchObject([{ outcome: "ignored", error: "Not modelled: star." }]);
  });

  it("survives text that the database cannot hold", async () => {
    const nasty = structuredClone(payload) as { workflow_run: { display_title: string } };
    nasty.workflow_run.display_title = "nul \u0000 and half a pair \ud800";
    await inbox.post(event, nasty);
    await inbox.drain();
    expect(await deliveries()).toMatchObject([{ outcome: "processed" }]);
    expect(await db.pipelineExecution.findFirst({ where: { projectId: inbox.projectId } })).toMatchObject({
      title: "nul \u{fffd} and half a pair \u{fffd}",
    });
  });
});

describe("GitHub's signature", () => {
  it("agrees with the documented example", () => {
    const signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const check = (value: string) =>
      providers
        .get("github")
        ?.verify(
          "It's a Secret to Everybody",
          { "x-hub-signature-256": value },
          Buffer.from("Hello, World!"),
        );
    expect(check(`sha256=${signature}`)).toBe(true);
    for (const wrong of [signature, `sha1=${signature}`, `sha256=${signature.toUpperCase()}`, "sha256=", ""])
      expect(check(wrong)).toBe(false);
  });
});

describe("what is refused, with nothing stored", () => {
  const body = JSON.stringify(payload);

  it("an unknown integration or provider", async () => {
    const app = webhookApp(ctx);
    const id = encodeId("Integration", ctx.newId());
    for (const path of [`github/${id}`, "github/int_x", `gitlab/${inbox.path.split("/").at(-1)}`]) {
      const answer = await app.request(`/api/v1/webhooks/${path}`, {
        method: "POST",
        body,
        headers: signed(body) as HeadersInit,
      });
      await expectRefused(answer, 404, "UNKNOWN_INTEGRATION");
    }
  });

  it("a disabled integration", async () => {
    await db.integration.update({ where: { id: inbox.integrationId }, data: { status: "disabled" } });
    await expectRefused(await inbox.postRaw(body, signed(body)), 403, "DISABLED");
  });

  it("an absent signature, whatever else is wrong", async () => {
    const headers = { ...signed(body), "x-hub-signature-256": undefined, "content-type": "text/plain" };
    await expectRefused(await inbox.postRaw(body, headers), 401, "MISSING_SIGNATURE");
    await expectRefused(
      await inbox.postRaw(body, { ...headers, "x-hub-signature": "sha1=00" }),
      401,
      "MISSING_SIGNATURE",
    );
  });

  it("a wrong or malformed signature, or one of another body", async () => {
    const wrong = [sign("other", body), sign(inbox.secret, `${body} `), "sha256=zz", "nonsense"];
    for (const signature of wrong) {
      const headers = signed(body, { "x-hub-signature-256": signature });
      await expectRefused(await inbox.postRaw(body, headers), 401, "BAD_SIGNATURE");
    }
  });

  it("a body over 25 MB, announced or not", async () => {
    const large = Buffer.alloc(25 * 1024 * 1024 + 1, " ");
    const headers = signed(large);
    const announced = { ...headers, "content-length": String(large.length) };
    await expectRefused(await inbox.postRaw("{}", announced), 413, "TOO_LARGE");
    await expectRefused(await inbox.postRaw(large, headers), 413, "TOO_LARGE");
  });

  it("broken JSON, JSON that is no object, a form without payload, text that is not UTF-8", async () => {
    const form = "application/x-www-form-urlencoded";
    const broken: [string | Uint8Array, string][] = [
      ["{", "application/json"],
      ["", "application/json"],
      ["[]", "application/json"],
      ["null", "application/json"],
      [Buffer.from([0x7b, 0xff, 0x7d]), "application/json"],
      ["data=%7B%7D", form],
      ["payload=%7B", form],
    ];
    for (const [text, type] of broken) {
      const answer = await inbox.postRaw(text, signed(text, { "content-type": type }));
      await expectRefused(answer, 400, "MALFORMED_BODY");
    }
  });

  it("another content type, or a compressed body", async () => {
    for (const type of ["text/plain", "application/xml", undefined]) {
      const answer = await inbox.postRaw(Buffer.from(body), signed(body, { "content-type": type }));
      await expectRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    const answer = await inbox.postRaw(body, signed(body, { "content-encoding": "gzip" }));
    await expectRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  it("a delivery without its id or event", async () => {
    for (const name of ["x-github-delivery", "x-github-event"]) {
      await expectRefused(
        await inbox.postRaw(body, signed(body, { [name]: undefined })),
        400,
        "MISSING_HEADER",
      );
      await expectRefused(await inbox.postRaw(body, signed(body, { [name]: "a b;" })), 400, "MISSING_HEADER");
    }
  });

  it("but the operator learns of it, at most once in a few seconds", async () => {
    const refuse = (signature?: string) =>
      inbox.postRaw(body, signed(body, { "x-hub-signature-256": signature }));
    await refuse("nonsense");
    const first = await integration();
    expect(first).toMatchObject({
      status: "pending",
      lastError: expect.stringContaining("signature is wrong"),
    });
    await refuse(undefined);
    expect(await integration()).toEqual(first);
    clock.advance(5_001);
    await refuse(undefined);
    expect((await integration()).lastError).toContain("not signed");
  });
});

describe("a delivery that fails", () => {
  it("says why, marks the integration, and can be processed again", async () => {
    await inbox.post("workflow_run", { action: "completed", workflow_run: { id: {} }, repository: null });
    await inbox.drain();
    const [failed] = await deliveries();
    expect(failed).toMatchObject({
      outcome: "failed",
      attempts: 1,
      error: expect.stringMatching(/^PayloadError: payload\.workflow_run\.id: /),
    });
    expect(await integration()).toMatchObject({ status: "failing", lastError: failed?.error });

    const again = await reprocessDelivery(ctx, SYSTEM, { id: failed?.id ?? "" });
    expect(again).toMatchObject({ outcome: "received", error: null, processedAt: null });
    const wiser: IntakeProvider = {
      ...(providers.get("github") as IntakeProvider),
      normalize: () => ({ kind: "events", events: [] }),
    };
    await processDelivery(ctx, again, new Map([["github", wiser]]));
    expect(await deliveries()).toMatchObject([{ outcome: "processed", attempts: 2, error: null }]);
    expect(await integration()).toMatchObject({ status: "active", lastError: null });
  });

  it("for another reason than its payload is noted and thrown, so that the job is tried again", async () => {
    await inbox.post(event, payload);
    const [delivery] = await deliveries();
    const broken: IntakeProvider = {
      ...(providers.get("github") as IntakeProvider),
      normalize() {
        throw new TypeError("a bug");
      },
    };
    const attempt = processDelivery(ctx, { id: delivery?.id ?? "" }, new Map([["github", broken]]));
    await expect(attempt).rejects.toThrow("a bug");
    expect(await deliveries()).toMatchObject([{ outcome: "failed", error: "TypeError: a bug" }]);
    expect(new PayloadError("x")).toBeInstanceOf(Error);
  });

  it("because of the database tells its reason, not the place in our source", async () => {
    await inbox.post(event, payload);
    const [delivery] = await deliveries();
    await db.$executeRaw`ALTER TABLE pipeline_execution RENAME TO pipeline_away`;
    await expect(processDelivery(ctx, { id: delivery?.id ?? "" }, providers)).rejects.toThrow();
    await db.$executeRaw`ALTER TABLE pipeline_away RENAME TO pipeline_execution`;
    const [{ error } = { error: null }] = await deliveries();
    expect(error).toMatch(/^PrismaClient\w+: .*does not exist/);
    expect(error).not.toMatch(/\n|\.ts|invocation/);
  });

  it("leaves nothing half done", async () => {
    await inbox.post(event, payload);
    const [delivery] = await deliveries();
    const half: IntakeProvider = {
      ...(providers.get("github") as IntakeProvider),
      normalize(name, value) {
        const normalized = (providers.get("github") as IntakeProvider).normalize(name, value);
        if (normalized.kind === "ignored") return normalized;
        const orphan = { entity: "job", pipeline: { externalId: "0", attempt: 1 }, externalId: "1" } as const;
        return {
          kind: "events",
          events: [...normalized.events, { ...orphan, rank: 0, time: null, fields: {} }],
        };
      },
    };
    const attempt = processDelivery(ctx, { id: delivery?.id ?? "" }, new Map([["github", half]]));
    await expect(attempt).rejects.toThrow("a job whose pipeline the delivery does not carry");
    expect(await db.pipelineExecution.count({ where: { projectId: inbox.projectId } })).toBe(0);
    expect(await db.repository.count({ where: { projectId: inbox.projectId } })).toBe(0);
    expect(await db.streamEvent.count({ where: { streamId: inbox.projectId } })).toBe(0);
  });
});

import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../account/index.ts";
import { type Actor, SYSTEM } from "../../actor.ts";
import { ForbiddenError, InvalidInputError, NotFoundError } from "../../errors.ts";
import { encodeId } from "../../ids.ts";
import { addProjectMember, createProject } from "../index.ts";
import { createIntegration, deleteIntegration, secretBinding, webhookUrl } from "./integrations.ts";
import { reprocessDelivery } from "./process.ts";
import { deliveryCounts, deliveryPayload } from "./queries.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const { db } = database;
const people: Record<string, Actor> = {};
let projectId: string;

async function person(name: string, role?: "maintainer" | "developer" | "viewer"): Promise<void> {
  const email = `${name}@example.com`;
  const user = await createUser(ctx, SYSTEM, { email, name, password: "correct horse battery" });
  people[name] = { type: "user", userId: user.id, sessionId: ctx.newId(), isAdmin: false };
  if (role) await addProjectMember(ctx, SYSTEM, { projectId, email, role });
}

beforeAll(async () => {
  projectId = (await createProject(ctx, SYSTEM, { name: "Shop" })).id;
  await person("maintainer", "maintainer");
  await person("developer", "developer");
  await person("stranger");
});

function as(name: string): Actor {
  return people[name] as Actor;
}

const input = () => ({ projectId, provider: "github" });

async function insertDelivery(integrationId: string): Promise<string> {
  const delivery = await db.webhookDelivery.create({
    data: {
      id: ctx.newId(),
      integrationId,
      projectId,
      provider: "github",
      deliveryId: ctx.newId(),
      event: "ping",
      headers: {},
      contentType: "application/json",
      bodyBytes: 2,
      bodyHash: new Uint8Array(32),
      outcome: "failed",
      receivedAt: ctx.clock.now(),
      payload: { create: { body: Buffer.from('{"zen":"x"}') } },
    },
  });
  return delivery.id;
}

describe("an integration", () => {
  it("has a webhook URL and a secret that is shown once and stored sealed, bound to its row", async () => {
    const { integration, secret } = await createIntegration(ctx, as("maintainer"), input());
    expect(secret).toMatch(/^whsec_[\w-]{43}$/);
    const path = `/api/v1/webhooks/github/${encodeId("Integration", integration.id)}`;
    expect(webhookUrl(ctx.settings, integration)).toBe(`http://127.0.0.1:4000${path}`);
    const row = await db.integration.findUniqueOrThrow({ where: { id: integration.id } });
    expect(Buffer.from(row.secretSealed).includes(secret)).toBe(false);
    expect(ctx.secrets.open(row.secretSealed, secretBinding(row.id)).toString()).toBe(secret);
    expect(() => ctx.secrets.open(row.secretSealed, secretBinding(ctx.newId()))).toThrow();
    expect(row).toMatchObject({ status: "pending", name: "GitHub" });
  });

  it("is for maintainers: others are refused, strangers learn nothing", async () => {
    await expect(createIntegration(ctx, as("developer"), input())).rejects.toThrow(ForbiddenError);
    await expect(createIntegration(ctx, as("stranger"), input())).rejects.toThrow(NotFoundError);
    const { integration } = await createIntegration(ctx, as("maintainer"), input());
    await expect(deleteIntegration(ctx, as("developer"), integration)).rejects.toThrow(ForbiddenError);
    await expect(deleteIntegration(ctx, as("stranger"), integration)).rejects.toThrow(NotFoundError);
    expect(await deleteIntegration(ctx, as("maintainer"), integration)).toBe(integration.id);
    await expect(deleteIntegration(ctx, as("maintainer"), integration)).rejects.toThrow(NotFoundError);
  });

  it("is of a known provider", async () => {
    const unknown = { projectId, provider: "cvs" };
    await expect(createIntegration(ctx, as("maintainer"), unknown)).rejects.toThrow(InvalidInputError);
  });
});

describe("a delivery", () => {
  it("is reprocessed by maintainers only", async () => {
    const { integration } = await createIntegration(ctx, as("maintainer"), input());
    const id = await insertDelivery(integration.id);
    await expect(reprocessDelivery(ctx, as("developer"), { id })).rejects.toThrow(ForbiddenError);
    await expect(reprocessDelivery(ctx, as("stranger"), { id })).rejects.toThrow(NotFoundError);
    await expect(reprocessDelivery(ctx, SYSTEM, { id: ctx.newId() })).rejects.toThrow(NotFoundError);
    expect(await reprocessDelivery(ctx, as("maintainer"), { id })).toMatchObject({ outcome: "received" });
  });

  it("shows its payload to maintainers only", async () => {
    const { integration } = await createIntegration(ctx, as("maintainer"), input());
    const id = await insertDelivery(integration.id);
    expect(await deliveryPayload(ctx, as("maintainer"), { id })).toEqual({
      payload: { zen: "x" },
      text: '{"zen":"x"}',
    });
    expect(await deliveryPayload(ctx, as("developer"), { id })).toBeNull();
    expect(await deliveryPayload(ctx, as("stranger"), { id })).toBeNull();
  });

  it("is counted by outcome, for many integrations in one statement", async () => {
    const [one, other] = [
      (await createIntegration(ctx, SYSTEM, input())).integration.id,
      (await createIntegration(ctx, SYSTEM, input())).integration.id,
    ];
    await insertDelivery(one);
    await insertDelivery(one);
    const statements = await database.statements(async () => {
      const none = { received: 0, processed: 0, ignored: 0, failed: 0 };
      expect(await deliveryCounts(ctx, [other, one])).toEqual([none, { ...none, failed: 2 }]);
    });
    expect(statements).toHaveLength(1);
  });
});

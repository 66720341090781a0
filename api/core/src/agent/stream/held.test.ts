import { randomBytes } from "node:crypto";
import { createDb, queryRaw, sql } from "@shiplog/db";
import { KINDS, written } from "@shiplog/testkit/canaries";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, expect, it } from "vitest";
import { SYSTEM } from "../../actor.ts";
import type { Context } from "../../context.ts";
import type { AgentStepIO } from "../../ports.ts";
import { createIntegration } from "../../project/index.ts";
import { createRedactor } from "../../redact/index.ts";
import { agentOf, brief, runtimeOf, seedProject, streamOf, until } from "../fixtures/runs.ts";
import {
  type AgentEventInput,
  appendAgentExecutionEvents,
  finishAgentExecution,
  runAgentExecution,
  startAgentExecution,
  sweepAgentExecutions,
} from "../index.ts";

const database = await testDatabase();
const elsewhere = createDb(database.url);
afterAll(() => elsewhere.$disconnect());
const own = `${randomBytes(5).toString("hex")}/"${randomBytes(5).toString("hex")}+`;
const given = { ownSecrets: [own], settings: { textWindowMs: 1 } };
const ctx = await makeContext(database, given);
/** As another process: whatever one of them had in memory, the other has not. */
const second = await makeContext({ db: elsewhere }, given);
const { projectId, actor } = await seedProject(ctx);
const { secret } = await createIntegration(ctx, SYSTEM, { projectId, provider: "github" });
const redactor = createRedactor([own, secret]);
const canaries = ["anthropic", "github", "aws id", "our link"].map((kind) => KINDS[kind]?.() ?? "");
const texts = [...canaries, ...written(own), ...written(secret)].map((form) => `It says ${form} there.`);

async function external() {
  const { id } = await startAgentExecution(ctx, actor, { projectId, agentType: "ci", external: true });
  const append = (events: AgentEventInput[], from: Context = ctx, batch?: number) =>
    appendAgentExecutionEvents(from, actor, { id, events, batch });
  const end = () => finishAgentExecution(ctx, actor, { id, status: "completed" });
  return { id, append, end };
}

const delta = (messageId: string, text: string): AgentEventInput => ({ textDelta: { messageId, text } });

/** What was told of each message. */
async function told(id: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { type, data } of await streamOf(ctx, id)) {
    if (type !== "AgentTextDelta") continue;
    const { messageId, text } = data as { messageId: string; text: string };
    texts.set(messageId, (texts.get(messageId) ?? "") + text);
  }
  return texts;
}

const heldOf = async (id: string) =>
  (await ctx.db.agentExecution.findUniqueOrThrow({ where: { id } })).heldSealed;

it("a secret in two transactions of two processes, cut anywhere, in every encoding, is told nowhere", async () => {
  const cases = texts.flatMap((text) =>
    Array.from({ length: text.length - 17 }, (_, index) => ({ text, place: 9 + index })),
  );
  expect(cases.length).toBeGreaterThan(700);
  const runs = Array.from({ length: Math.ceil(cases.length / 40) }, (_, index) =>
    cases.slice(index * 40, (index + 1) * 40),
  );
  for (const run of runs) {
    const { id, append, end } = await external();
    await append(run.map(({ text, place }, index) => delta(`m${index}`, text.slice(0, place))));
    await append(
      run.map(({ text, place }, index) => delta(`m${index}`, text.slice(place))),
      second,
    );
    await end();
    const messages = await told(id);
    run.forEach(({ text, place }, index) => {
      expect(messages.get(`m${index}`), `${text} at ${place}`).toBe(redactor.text(text));
    });
    expect(await heldOf(id)).toBeNull();
  }
}, 60_000);

it("nor one that comes letter by letter; what was held lies sealed", async () => {
  const { id, append, end } = await external();
  const longest = Math.max(...texts.map(({ length }) => length));
  for (let at = 0; at < longest; at++) {
    const letters = texts
      .map((text, index) => delta(`m${index}`, text.charAt(at)))
      .filter((_, i) => texts[i]?.[at]);
    await append(letters, at % 2 === 0 ? ctx : second);
  }
  const row = await queryRaw<{ row: string }>(
    ctx.db,
    sql`SELECT to_jsonb(e) || jsonb_build_object('h', encode(held_sealed, 'escape')) AS row
        FROM agent_execution e WHERE id = ${id}::uuid`,
  );
  for (const canary of canaries) expect(JSON.stringify(row)).not.toContain(canary.slice(0, 12));
  await end();
  const messages = await told(id);
  texts.forEach((text, index) => {
    expect(messages.get(`m${index}`)).toBe(redactor.text(text));
  });
}, 60_000);

it("tells prose as it came, all but a word of it at once, and the rest at the end", async () => {
  const { id, append, end } = await external();
  const prose =
    "The developer asks: is the risk-taker's key = 3 keys? See https://example.org:8080/a?token=next, or e.g. ghosts 🐙.\n";
  let sent = "";
  for (const [index, word] of prose.split(/(?<=\s)/).entries()) {
    sent += word;
    await append([delta("m", word)], index % 2 === 0 ? ctx : second, index + 1);
    const so = (await told(id)).get("m") ?? "";
    expect(sent.startsWith(so)).toBe(true);
    expect(sent.slice(so.length)).toMatch(/^\S*\s?$/);
  }
  // A repeat tells nothing again.
  await append([delta("m", "again")], ctx, 1);
  await append([delta("m", "the invoice is in npm")], second);
  expect((await told(id)).get("m")).toBe(`${prose}the invoice is in `);
  await end();
  expect((await told(id)).get("m")).toBe(`${prose}the invoice is in npm`);
});

it("the whole message stands for what was held back of it", async () => {
  const { id, append, end } = await external();
  const [text = "", , other = ""] = texts;
  await append([delta("m", text.slice(0, 20)), delta("n", other.slice(0, 12))]);
  await append([{ message: { messageId: "m", role: "assistant", text } }], second);
  await append([delta("n", other.slice(12))]);
  await end();
  expect(brief((await streamOf(ctx, id)).slice(1, -1), "messageId", "text")).toEqual([
    "AgentTextDelta m It says ",
    "AgentTextDelta n It says ",
    `AgentMessage m ${redactor.text(text)}`,
    `AgentTextDelta n ${redactor.text(other).slice(8)}`,
  ]);
});

it("a run that is taken over tells what its dead attempt held back, without the secret", async () => {
  const [canary = ""] = canaries;
  let entries = 0;
  const hold = Promise.withResolvers<void>();
  const agent = agentOf("talker", [
    {
      name: "talk",
      run: async (io: AgentStepIO) => {
        if (entries++ > 0) return "done";
        await io.textDelta("a", `It says ${canary.slice(0, 60)}`);
        await io.textDelta("b", "a good npm");
        await io.message("assistant", "so far");
        entries++;
        await hold.promise;
        return "stale";
      },
    },
  ]);
  const leases = { leaseMs: 200, leaseRenewMs: 50 };
  const worker = await makeContext(database, {
    agentTypes: [agent],
    settings: { ...given.settings, ...leases },
  });
  const agents = runtimeOf([agent]);
  const { id } = await startAgentExecution(worker, actor, { projectId, agentType: "talker" });
  const run = (name: string, from: Context) =>
    runAgentExecution(from, agents, { id, worker: name, signal: new AbortController().signal });
  // Cut off: it neither renews its lease nor hears of anything.
  const frozen = {
    ...worker,
    settings: { ...worker.settings, leaseRenewMs: 60_000 },
    bus: { ...worker.bus, onWake: () => () => {} },
  };
  const first = run("w1", frozen);
  await until(async () => entries > 1);
  expect((await told(id)).get("a")).toBe("It says ");
  await until(async () => (await sweepAgentExecutions(worker)).requeued > 0);
  expect(await run("w2", worker)).toBe("completed");
  hold.resolve();
  expect(await first).toBe("lost");
  expect(brief((await streamOf(ctx, id)).slice(2, -1), "messageId", "text", "attempt")).toEqual([
    "AgentTextDelta a It says ",
    "AgentTextDelta b a good ",
    expect.stringContaining("so far"),
    "AgentTextDelta a [redacted]",
    "AgentTextDelta b npm",
    "AgentStatusChanged 2",
  ]);
});

import { gzipSync } from "node:zlib";
import { type Context, JSON_LIMITS } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeEach, describe, expect, it } from "vitest";
import { type Inbox, makeInbox, sign, webhookApp } from "../fixtures/intake.ts";

const database = await testDatabase();
let ctx: Context;
let inbox: Inbox;
let deliveries = 0;

beforeEach(async () => {
  ctx = await makeContext(database);
  inbox = await makeInbox(ctx);
});

/** Posts a body as GitHub would sign it. */
async function post(body: string | Uint8Array, more: Record<string, string> = {}): Promise<[number, string]> {
  const answer = await inbox.postRaw(body, {
    "content-type": "application/json",
    "x-github-event": "workflow_run",
    "x-github-delivery": `limits-${++deliveries}`,
    "x-hub-signature-256": sign(inbox.secret, body),
    ...more,
  });
  const { errors } = (await answer.json()) as { errors: readonly { code: string }[] };
  return [answer.status, errors[0]?.code ?? ""];
}

function stored(): Promise<number> {
  return database.db.webhookDelivery.count({ where: { integrationId: inbox.integrationId } });
}

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const keyed = (keys: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, 0])));
const listed = (values: number) => `{"a":[${Array(values).fill(0).join(",")}]}`;

const FORMS = [
  ["JSON", (text: string) => text, {}],
  [
    "a form",
    (text: string) => `payload=${encodeURIComponent(text)}`,
    { "content-type": "application/x-www-form-urlencoded" },
  ],
] as const;

describe.each(FORMS)("a signed delivery as %s", (_name, write, headers) => {
  it.each([
    ["depth", nested(JSON_LIMITS.depth), nested(JSON_LIMITS.depth + 1)],
    ["keys", keyed(JSON_LIMITS.keys), keyed(JSON_LIMITS.keys + 1)],
    ["values", listed(JSON_LIMITS.values - 1), listed(JSON_LIMITS.values + 1)],
  ])("is taken up to the limit of its %s, and refused unparsed beyond it", async (_limit, fits, exceeds) => {
    expect(await post(write(fits), headers)).toEqual([202, ""]);
    expect(await post(write(exceeds), headers)).toEqual([400, "MALFORMED_BODY"]);
    expect(await stored()).toBe(1);
  });
});

it("a body that unpacks to a thousand times its size is refused as it is", async () => {
  const bomb = gzipSync(`{"a":"${" ".repeat(20 * 1024 * 1024)}"}`);
  const before = process.memoryUsage().arrayBuffers;
  for (const encoding of ["gzip", "deflate", "br", "zstd", "gzip, gzip"]) {
    const refused = await post(bomb, { "content-encoding": encoding });
    expect(refused).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  }
  expect(await post(bomb)).toEqual([400, "MALFORMED_BODY"]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(15 * 1024 * 1024);
  expect(await stored()).toBe(0);
});

it("of a body without a length no more is read than the largest may have", async () => {
  let read = 0;
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      read += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const request = new Request(`http://shiplog.example${inbox.path}`, {
    method: "POST",
    body: endless,
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": "endless",
      "x-hub-signature-256": sign(inbox.secret, ""),
    },
    duplex: "half",
  } as RequestInit);
  const answer = await webhookApp(ctx).request(request);
  expect(answer.status).toBe(413);
  expect(answer.headers.get("connection")).toBe("close");
  expect(read).toBeLessThanOrEqual(27 * 1024 * 1024);
  expect(await stored()).toBe(0);
});

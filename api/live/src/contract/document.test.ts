import { readFileSync } from "node:fs";
import { join } from "node:path";
import { JSON_LIMITS } from "@shiplog/core";
import { SLICE } from "@shiplog/core/live";
import { expect, test } from "vitest";
import { LIMITS } from "../options.ts";
import { DOCUMENT_LIMITS } from "../rules.ts";
import { CLOSE } from "../websocket/codes.ts";
import { ROWS } from "./testing/rows.ts";
import { recoveryTable } from "./testing/table.ts";

const text = readFileSync(join(import.meta.dirname, "../../PROTOCOL.md"), "utf8");

test("PROTOCOL.md holds the recovery table that is tested", () => {
  expect(text).toContain(recoveryTable(ROWS));
});

test("PROTOCOL.md names every close code that is sent", () => {
  const table = text.slice(text.indexOf("### Close codes"), text.indexOf("### Signs of life"));
  for (const code of Object.values(CLOSE)) expect(table).toMatch(new RegExp(`^\\| ${code} `, "m"));
});

test("PROTOCOL.md names the limits in force", () => {
  const row = (start: string) => text.split("\n").find((line) => line.startsWith(`| ${start}`)) ?? start;
  const seconds = (ms: number) => `${ms / 1000} s`;
  expect(row("events in a batch")).toContain(`${SLICE.events} and ${SLICE.bytes / 1024} KiB`);
  expect(row("message from a client")).toContain(`${LIMITS.frameBytes / 1024} KiB`);
  expect(row("frames of such a message")).toContain(
    `${LIMITS.fragmentsPerMessage}, each in at most ${LIMITS.readsPerFrame.toLocaleString("en")} pieces`,
  );
  expect(row("id of an operation")).toContain(`${LIMITS.idCharacters} characters`);
  expect(row("depth of a message's JSON")).toContain(` ${JSON_LIMITS.depth} `);
  expect(row("document")).toContain(LIMITS.documentTokens.toLocaleString("en"));
  expect(row("messages of one socket")).toContain(`${LIMITS.messagesPerTenSeconds} in 10 s`);
  const { characters: _, tokens: __, ...counts } = DOCUMENT_LIMITS;
  for (const [what, most] of Object.entries(counts)) expect(row("document")).toContain(`${most} ${what}`);
  expect(row("operations of one socket")).toContain(`${LIMITS.operationsPerSocket}`);
  expect(row("sockets and event streams")).toContain(`${LIMITS.connectionsPerActor}`);
  expect(row("`connection_init`")).toContain(seconds(LIMITS.initMs));
  expect(row("sign of life")).toContain(seconds(LIMITS.keepAliveMs));
  expect(row("a reader that takes nothing")).toContain(seconds(LIMITS.stallMs));
  expect(row("pause of an event source")).toContain(
    `${LIMITS.retryMs / 2000} to ${(LIMITS.retryMs * 3) / 2000} s`,
  );
});

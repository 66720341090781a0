import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { correlate, correlationOf } from "@shiplog/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serversOf } from "../runtime.ts";
import { type McpConnection, type McpServerSpec, openMcp } from "./client.ts";
import { ToolCallError, ToolRefusedError } from "./errors.ts";
import { McpToolHost } from "./host.ts";
import { definitionHash, ToolPins } from "./pins.ts";

const ODD = fileURLToPath(new URL("../fixtures/odd-server.ts", import.meta.url));
const never = new AbortController().signal;
const opened: McpConnection[] = [];

function spec(more: Partial<McpServerSpec> = {}, ...args: string[]): McpServerSpec {
  const env = { PATH: "/usr/bin:/bin" };
  return { name: "odd", command: process.execPath, args: [ODD, ...args], env, graceMs: 300, ...more };
}

async function open(more: Partial<McpServerSpec> = {}, pins = new ToolPins(), signal = never) {
  const connection = await openMcp(spec(more), pins, signal);
  opened.push(connection);
  return connection;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(...pids: number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), { timeout: 8_000, interval: 20 });
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

describe("a tool server", () => {
  it("gets the environment that is named and nothing of ours, and a client without roots", async () => {
    vi.stubEnv("SHIPLOG_SECRET_CANARY", "canary");
    const connection = await open({ env: { ONLY: "this" } });
    const told = (await connection.call("environment", {}, never)) as { env: object; capabilities: object };
    expect(told.env).toEqual({ ONLY: "this" });
    expect(told.capabilities).toEqual({});
    vi.unstubAllEnvs();
  });

  it("is told the request and the trace of each call, and its words on stderr come as lines", async () => {
    const lines: string[] = [];
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const meta = () => ({ traceparent, "shiplog/requestId": "request-of-it" });
    const connection = await open({ meta, onStderr: (line) => void lines.push(line) });
    expect(await connection.call("meta", {}, never)).toMatchObject({
      traceparent,
      "shiplog/requestId": "request-of-it",
    });
    await connection.call("complain", {}, never);
    await vi.waitFor(() => expect(lines).toEqual(["first line", "second line"]));
  });

  it("of a run carries the request's id in its environment and nothing of ours beside it", async () => {
    const correlation = correlationOf({ requestId: "request-of-it" }, () => "");
    const scope = { projectId: "p", workspacePath: null };
    const traceparent = () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const options = { databaseUrl: "postgresql://x", denyPaths: [], traceparent };
    const [within] = correlate(correlation, () => serversOf(options, scope));
    expect(within?.env).toEqual({
      SHIPLOG_DATABASE_URL: "postgresql://x",
      SHIPLOG_PROJECT_ID: "p",
      SHIPLOG_REQUEST_ID: "request-of-it",
    });
    expect(correlate(correlation, () => within?.meta?.())).toEqual({
      traceparent: traceparent(),
      "shiplog/requestId": "request-of-it",
    });
    expect(serversOf(options, scope)[0]?.env).not.toHaveProperty("SHIPLOG_REQUEST_ID");
  });

  it("ends with everything it started, also what ignores SIGTERM", async () => {
    const connection = await open();
    const { pid, server } = (await connection.call("child", {}, never)) as { pid: number; server: number };
    expect(alive(pid)).toBe(true);
    await connection.close();
    await gone(pid, server);
  });

  it("that ignores SIGTERM or blocks is killed after the grace", async () => {
    const stubborn = await openMcp(spec({}, "stubborn"), new ToolPins(), never);
    const pid = stubborn.pid as number;
    const spinning = stubborn.call("spin", {}, AbortSignal.timeout(200));
    await expect(spinning).rejects.toThrow();
    await stubborn.close();
    await gone(pid);
  });

  it("ends when the run's signal ends it, and its calls with it", async () => {
    const abort = new AbortController();
    const connection = await open({}, new ToolPins(), abort.signal);
    const pid = connection.pid as number;
    const call = connection.call("hang", {}, abort.signal);
    abort.abort(new Error("cancelled by test"));
    await expect(call).rejects.toThrow("cancelled by test");
    await gone(pid);
  });

  it("does not outlive a parent that was killed", async () => {
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL("../fixtures/parent.ts", import.meta.url))],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const { odd, own } = JSON.parse(String(line)) as { odd: number; own: number };
    expect([odd, own].every(alive)).toBe(true);
    parent.kill("SIGKILL");
    await gone(odd, own);
  });

  it("that cannot start says why", async () => {
    await expect(openMcp(spec({}, "dies"), new ToolPins(), never)).rejects.toThrow(
      /odd did not start: .*no licence/u,
    );
    const nowhere = [
      fileURLToPath(new URL("../servers/filesystem/main.ts", import.meta.url)),
      "--root",
      "/nowhere",
    ];
    await expect(open({ args: nowhere })).rejects.toThrow(/odd did not start: ENOENT: no such file/u);
    await expect(open({ command: "/nonexistent/node" })).rejects.toThrow(/did not start/u);
    await expect(open({}, new ToolPins(), AbortSignal.abort(new Error("too late")))).rejects.toThrow(
      "too late",
    );
  });
});

describe("a call", () => {
  it("that takes too long fails as a tool, and the server goes on", async () => {
    const connection = await open({ callTimeoutMs: 200 });
    await expect(connection.call("hang", {}, never)).rejects.toThrow(
      new ToolCallError("odd", "hang", "timed out"),
    );
    expect(await connection.call("environment", {}, never)).toBeTruthy();
  });

  it("that is cancelled rejects with the reason", async () => {
    const connection = await open();
    const abort = new AbortController();
    const call = connection.call("hang", {}, abort.signal);
    abort.abort(new Error("stop"));
    await expect(call).rejects.toThrow("stop");
  });

  it.each([
    ["fail", {}, /no such thing/u],
    ["unknown", {}, /no such tool/u],
    ["large", { bytes: 200_000 }, /over the cap/u],
    ["large", { bytes: 1, more: 2 }, /more/u],
    ["exit", {}, /ended|not running/u],
    ["large", { bytes: 3_000_000 }, /ended|not running/u],
  ] as const)("of %s with %j is a failed call, nothing worse", async (tool, args, message) => {
    const connection = await open();
    const call = connection.call(tool, args, never);
    await expect(call).rejects.toBeInstanceOf(ToolCallError);
    await expect(call).rejects.toThrow(message);
  });

  it("survives a server that writes what is no message", async () => {
    const connection = await open();
    const outcome = await connection.call("noise", {}, never).catch((error: unknown) => error);
    expect(outcome instanceof ToolCallError || (outcome as { said?: boolean }).said === true).toBe(true);
  });
});

describe("pinned definitions", () => {
  it("refuse a tool that changes while the server runs", async () => {
    const connection = await open();
    await connection.call("environment", {}, never);
    await connection.call("change", {}, never);
    await expect(connection.call("environment", {}, never)).rejects.toBeInstanceOf(ToolRefusedError);
    await expect(connection.call("fail", {}, never)).rejects.toBeInstanceOf(ToolRefusedError);
  });

  it("hold over connections", async () => {
    const pins = new ToolPins();
    pins.check("odd", [{ name: "environment", description: "other", inputSchema: { type: "object" } }]);
    await expect(open({}, pins)).rejects.toBeInstanceOf(ToolRefusedError);
    expect(await open({ name: "another" }, pins)).toBeTruthy();
  });

  it("do not depend on the order of members", () => {
    const one = { name: "a", description: "d", inputSchema: { type: "object" as const, properties: {} } };
    const two = { inputSchema: { properties: {}, type: "object" as const }, description: "d", name: "a" };
    expect(definitionHash(one)).toBe(definitionHash(two));
    expect(definitionHash(one)).not.toBe(definitionHash({ ...one, description: "e" }));
  });
});

describe("the tools of a run", () => {
  const allowed = new Set(["odd/environment", "odd/hang", "gone/x"]);

  it("are those of the allow-list, and start with their first call", async () => {
    const host = new McpToolHost({ servers: [spec()], allowed, pins: new ToolPins() }, never);
    await expect(host.call("odd", "fail", {}, never)).rejects.toBeInstanceOf(ToolRefusedError);
    await expect(host.call("gone", "x", {}, never)).rejects.toBeInstanceOf(ToolCallError);
    const told = (await host.call("odd", "environment", {}, never)) as { pid: number };
    await host.close();
    await gone(told.pid);
    await expect(host.call("odd", "environment", {}, never)).rejects.toThrow(/closed/u);
  });

  it("end when the claim ends, whatever they do", async () => {
    const claim = new AbortController();
    const host = new McpToolHost({ servers: [spec()], allowed, pins: new ToolPins() }, claim.signal);
    const { pid } = (await host.call("odd", "environment", {}, never)) as { pid: number };
    const hanging = host.call("odd", "hang", {}, never);
    claim.abort(new Error("lease lost"));
    await expect(hanging).rejects.toThrow("lease lost");
    await host.close();
    await gone(pid);
  });

  it("are asked for again after a server that did not start", async () => {
    const broken = { ...spec(), args: [ODD, "dies"] };
    const host = new McpToolHost({ servers: [broken], allowed, pins: new ToolPins() }, never);
    await expect(host.call("odd", "environment", {}, never)).rejects.toThrow(/did not start/u);
    await expect(host.call("odd", "environment", {}, never)).rejects.toThrow(/did not start/u);
    await host.close();
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { restClient } from "../testing/rest.ts";

const database = await testDatabase();
const rest = await restClient(await makeContext(database));

test("the served document is the committed one", async () => {
  const committed = await readFile(join(import.meta.dirname, "../../openapi.json"), "utf8");
  const { body } = await rest.get("/api/v1/openapi.json");
  expect(body).toEqual(JSON.parse(committed));
});

test("every operation and every member it takes or answers is described", async () => {
  const { body } = await rest.get("/api/v1/openapi.json");
  for (const [path, methods] of Object.entries<Record<string, Record<string, unknown>>>(body.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const where = `${method} ${path}`;
      expect([where, typeof operation.summary, typeof operation.operationId]).toEqual([
        where,
        "string",
        "string",
      ]);
      expect([where, operation["x-access"]]).toEqual([
        where,
        expect.stringMatching(/^(public|actor|signature)$/),
      ]);
      expect([where, Boolean(operation.security)]).toEqual([where, operation["x-access"] === "actor"]);
    }
  }
});

test("the reference page has no inline script and its policy lets nothing out", async () => {
  const { headers, body } = await rest.get("/api/docs");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(body).not.toMatch(/https?:\/\/|<script>|\son\w+=/);
  const boot = await rest.get("/api/docs/boot.js");
  expect(boot.body).toContain("/api/v1/openapi.json");
});

test("the reference's script is served packed, or plain to whom cannot unpack it", async () => {
  const packed = await rest.app.request("/api/docs/reference.js", {
    headers: { "accept-encoding": "gzip, br" },
  });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("cache-control")).toContain("max-age");
  const script = gunzipSync(await packed.arrayBuffer());
  const plain = await rest.app.request("/api/docs/reference.js");
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(Buffer.from(await plain.arrayBuffer()).equals(script)).toBe(true);
});

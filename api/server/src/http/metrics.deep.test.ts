import { SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";
import { addedByOddNames } from "../testing/odd_names.ts";

const edge = await startEdge(await testDatabase());
afterAll(() => edge.stop());

it("has the same series after 1,000 paths, methods and names that callers made up", async () => {
  const project = await createProject(edge.ctx, SYSTEM, { name: "Measured" });
  const { secret } = await makeKey(edge.ctx, project.id, ["agent:read"]);
  expect(await addedByOddNames(edge, secret, 1_000)).toEqual([]);
}, 60_000);

import { describe, expect, it } from "vitest";
import { facts, hotSpot, NOW, pipeline } from "../fixtures/facts.ts";
import { author, job, manifest, pipelines, subjects, workflow } from "../fixtures/insight-cases.ts";
import { composeInsights } from "./insights/index.ts";
import { reportParagraphs } from "./markdown.ts";

describe("the report", () => {
  it("never takes markup from a repository or a record", () => {
    const evil =
      "](javascript:alert(1))\n# Owned <img src=x onerror=alert(1)> `x` | y ![z](http://evil.example/x)";
    const changes = facts({
      tree: {
        largest: [{ path: evil, language: "T", lines: 5_000, bytes: 1, test: false }],
        languages: [{ name: evil, code: true, files: 1, bytes: 1, lines: 1 }],
      },
      history: { authors: [author(evil, 60)], ...subjects(30, 0, 0), people: 1 },
      hotSpots: [hotSpot({ path: evil, testFile: null })],
      manifests: { workflows: [workflow([evil])], manifests: [manifest({ path: evil, lockFile: null })] },
      reports: pipelines(pipeline({ name: evil, passRate: 0, lastStatus: "failed" })),
    });
    const markdown = reportParagraphs(changes, composeInsights(changes)).join("\n\n");
    const outsideCode = markdown.replace(/`[^`\n]*`/gu, "");
    expect(outsideCode).not.toMatch(/(^|[^\\])<img/u);
    expect(outsideCode).not.toMatch(/[^\\]\]\(/u);
    expect(outsideCode).not.toMatch(/^# Owned/mu);
    expect(markdown.match(/^# /gmu)).toHaveLength(1);
    for (const line of markdown.split("\n").filter((text) => text.startsWith("|"))) {
      expect(line.split(/(?<!\\)\|/u).length).toBeLessThanOrEqual(8);
    }
  });

  it("says in full what a healthy repository holds", () => {
    const healthy = facts({
      hotSpots: [hotSpot()],
      reports: {
        jobs: { available: true, jobs: [job({ share: 0.3 })] },
        failures: {
          available: true,
          failures: [
            {
              id: "ppl_x",
              pipeline: "ci",
              branch: "main",
              commitSha: "abc",
              title: "Add x",
              failedAt: NOW.toISOString(),
              jobs: ["e2e"],
            },
          ],
        },
      },
    });
    const markdown = reportParagraphs(healthy, []).join("\n\n");
    expect(markdown).toContain("Nothing stands out.");
    expect(markdown).toContain("| `src/a.ts` | 400 | 8 | 2 | 100 | `src/a.test.ts` |");
    expect(markdown).toContain("| `ci` | 20 | 95 % | 3 min | success |");
    expect(markdown).toContain("- `ci` on `main` in `e2e`, 2026-11-22: Add x");
    expect(markdown).toContain("for $4.00.");
    expect(markdown).not.toMatch(/undefined|NaN|\[object/u);
  });
});

import { describe, expect, it } from "vitest";
import { facts, hotSpot, NOW } from "../../fixtures/facts.ts";
import { CASES } from "../../fixtures/insight-cases.ts";
import type { Facts } from "../facts.ts";
import { reportParagraphs } from "../markdown.ts";
import { composeInsights } from "./index.ts";

describe("insights", () => {
  it("have nothing to say of a healthy repository", () => {
    expect(composeInsights(facts())).toEqual([]);
  });

  it.each(CASES)("%s (%s) speaks when it is called for, with evidence", (rule, severity, calls) => {
    const insight = composeInsights(facts(calls)).find((found) => found.rule === rule);
    expect(insight).toMatchObject({ severity });
    expect(insight?.evidence.length).toBeGreaterThan(0);
    expect(insight?.evidence.length).toBeLessThanOrEqual(10);
    for (const evidence of insight?.evidence ?? []) {
      expect(evidence.ref).not.toBe("");
      expect(evidence.value).not.toBeUndefined();
    }
    expect(insight?.text).toMatch(/[.]$/u);
    expect(insight?.text).not.toMatch(/undefined|NaN|null|\[object/u);
    expect(insight?.title).not.toMatch(/undefined|NaN|null|`/u);
  });

  it.each(CASES)("%s (%s) is silent below its threshold", (rule, _severity, _calls, silent) => {
    expect(composeInsights(facts(silent)).map((found) => found.rule)).not.toContain(rule);
  });

  it("stand in order of weight", () => {
    const all = composeInsights(
      facts({
        tree: { truncated: "time" },
        history: { shallow: true },
        hotSpots: [hotSpot({ testFile: null })],
      }),
    );
    expect(all.map((insight) => insight.severity)).toEqual(["warning", "notice", "info"]);
  });

  it("are given when nothing could be read at all", () => {
    const missing = { available: false as const, reason: "gone" };
    const { reports } = facts();
    const nothing: Facts = {
      tree: missing,
      manifests: missing,
      history: missing,
      hotSpots: missing,
      reports: {
        ...reports,
        activity: missing,
        pipelines: missing,
        jobs: missing,
        failures: missing,
        agents: missing,
      },
      now: NOW,
    };
    const insights = composeInsights(nothing);
    expect(insights.map((insight) => insight.rule).sort()).toEqual([
      "unreadable_folder",
      "unreadable_records",
    ]);
    expect(reportParagraphs(nothing, insights).join("\n\n")).toContain("no files read");
  });
});

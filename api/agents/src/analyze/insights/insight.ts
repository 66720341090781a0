import type { Json } from "@shiplog/core";
import type { Facts } from "../facts.ts";

export type Severity = "info" | "notice" | "warning";

/** Where a statement comes from. `ref` names the thing, `value` what was seen there. */
export interface Evidence {
  readonly kind:
    | "file"
    | "folder"
    | "commit"
    | "author"
    | "week"
    | "manifest"
    | "workflow"
    | "pipeline"
    | "job"
    | "model"
    | "agent"
    | "report";
  readonly ref: string;
  readonly value: Json;
}

export interface Insight {
  /** Stable word of the rule, so that runs can be compared. */
  readonly rule: string;
  /** Plain text, not Markdown. */
  readonly title: string;
  readonly severity: Severity;
  /** Markdown. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

/** One rule: what it sees in the facts, or nothing. */
export type Rule = (facts: Facts) => Insight | null;

export const EVIDENCE_KEPT = 8;

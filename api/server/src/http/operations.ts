import { createHash } from "node:crypto";
import { currentCorrelation } from "@shiplog/core";
import { type DocumentNode, getOperationAST, parse } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Traces } from "../telemetry/traces.ts";

/** The name of a trusted document, else null; the text is exactly what was sent. */
export type TrustedName = (text: string) => string | null;

/** By the texts of the trusted documents, each of one operation. */
export function trustedNames(texts: readonly string[]): TrustedName {
  const names = new Map(texts.map((text) => [text, getOperationAST(parse(text))?.name?.value ?? "unnamed"]));
  return (text) => names.get(text) ?? null;
}

export interface OperationWatch {
  readonly metrics: Metrics;
  readonly traces: Traces | null;
  readonly nameOf: TrustedName;
}

/** Documents are few and their objects are kept by Yoga's cache. */
const NAMES = new WeakMap<DocumentNode, { readonly trusted: string | null; readonly shown: string }>();

function name(document: DocumentNode, text: string, nameOf: TrustedName) {
  const known = NAMES.get(document);
  if (known) return known;
  const trusted = nameOf(text);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const made = { trusted, shown: trusted ?? `sha256:${hash}` };
  NAMES.set(document, made);
  return made;
}

/** Times each query and mutation, under the name of its trusted document; a name that a caller made up counts for nothing. */
export function watchOperations({ metrics, traces, nameOf }: OperationWatch): Plugin {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { document, operationName } = args;
      const { trusted, shown } = name(document, document.loc?.source.body ?? "", nameOf);
      const correlation = currentCorrelation();
      if (correlation) correlation.operation = shown;
      const type = getOperationAST(document, operationName)?.operation ?? "query";
      const span = traces?.begin(`graphql ${type} ${shown}`, "internal", {
        "graphql.operation.type": type,
        "graphql.document": shown,
      });
      const began = performance.now();
      if (span) setExecuteFn((...given) => span.within(() => executeFn(...given)));
      return {
        onExecuteDone({ result }) {
          const failed = "errors" in result && (result.errors?.length ?? 0) > 0;
          metrics.operation(trusted, failed ? "failed" : "ok", performance.now() - began);
          span?.end(failed);
        },
      };
    },
  };
}

/** Times the opening of each stream in the same way; `open` answers a list of errors, or what runs. */
export function watchOpening({ metrics, traces, nameOf }: OperationWatch) {
  return async <T>(document: DocumentNode, open: () => Promise<T>): Promise<T> => {
    const { trusted, shown } = name(document, document.loc?.source.body ?? "", nameOf);
    const span = traces?.begin(`graphql subscription ${shown}`, "internal", {
      "graphql.operation.type": "subscription",
      "graphql.document": shown,
    });
    const began = performance.now();
    let failed = true;
    try {
      const opened = await (span ? span.within(open) : open());
      failed = Array.isArray(opened);
      return opened;
    } finally {
      metrics.operation(trusted, failed ? "failed" : "ok", performance.now() - began);
      span?.end(failed);
    }
  };
}

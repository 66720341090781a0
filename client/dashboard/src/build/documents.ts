import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const TAG = /\bgraphql\(\s*`([^`]*)`\s*,?\s*\)/g;
const OPERATION = /^\s*(?:query|mutation|subscription)\s+(\w+)/;

/** A module's documents by their ids: the built dashboard sends those alone, and its texts stay with the server. */
export function withIds(code: string, ids: ReadonlyMap<string, string>): string {
  return code.replace(TAG, (_call, text: string) => {
    const name = OPERATION.exec(text)?.[1];
    // A fragment is part of the documents that spread it.
    if (name === undefined) return 'graphql("")';
    const id = ids.get(name);
    if (!id) throw new Error(`The document ${name} is not in the generated manifest: run codegen.`);
    return `graphql(${JSON.stringify(id)})`;
  });
}

/** The ids of a manifest by the names of their operations. */
export function idsOf(manifest: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(manifest).map(([id, text]) => [
      /\b(?:query|mutation|subscription)\s+(\w+)/.exec(text)?.[1] ?? "",
      id,
    ]),
  );
}

/** Builds with trusted documents: ids in the bundle, the manifest of codegen beside it for the server. */
export function trustedDocuments(manifestPath: string): Plugin {
  let text = "{}";
  let ids = new Map<string, string>();
  return {
    name: "shiplog:trusted-documents",
    apply: "build",
    enforce: "pre",
    buildStart() {
      text = readFileSync(manifestPath, "utf8");
      ids = idsOf(JSON.parse(text) as Record<string, string>);
    },
    transform(code, id) {
      if (id.includes("/node_modules/") || !/\.tsx?$/.test(id) || !code.includes("graphql(")) return null;
      return { code: withIds(code, ids), map: null };
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "documents.json", source: text });
    },
  };
}

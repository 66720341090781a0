import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

interface Chunk {
  readonly isEntry: boolean;
  readonly code: string;
  readonly imports: readonly string[];
}

/** The chunks a browser loads before the shell can paint: the entry and all it imports statically. */
export function firstLoad(chunks: Readonly<Record<string, Chunk>>): string[] {
  const seen = new Set<string>();
  const queue = Object.keys(chunks).filter((name) => chunks[name]?.isEntry);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const chunk = chunks[name];
    if (seen.has(name) || !chunk) continue;
    seen.add(name);
    queue.push(...chunk.imports);
  }
  return [...seen];
}

/** Fails the build when the first load of the shell outgrows its budget. */
export function sizeBudget(options: { maxGzipKB: number }): Plugin {
  return {
    name: "shiplog:size-budget",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks: Record<string, Chunk> = {};
      for (const [name, file] of Object.entries(bundle)) if (file.type === "chunk") chunks[name] = file;
      const names = firstLoad(chunks);
      const bytes = names.reduce((sum, name) => sum + gzipSync(chunks[name]?.code ?? "").byteLength, 0);
      const kb = bytes / 1024;
      this.info(`first load ${kb.toFixed(1)} KB gzip in ${names.length} files`);
      if (kb > options.maxGzipKB) {
        this.error(`first load is ${kb.toFixed(1)} KB gzip, the budget is ${options.maxGzipKB} KB: ${names}`);
      }
    },
  };
}

import { z } from "zod";
import { defineTool } from "../shared/tool.ts";
import type { Root } from "./beneath.ts";
import { languageOf } from "./languages.ts";
import { linesOf } from "./lines.ts";
import { type NotableKind, notableKind } from "./notable.ts";
import { isTestFile } from "./tests.ts";
import { type TreeFile, Walk } from "./walk.ts";

const KEPT = { languages: 40, largest: 30, notable: 120, pathLength: 300 } as const;

interface Tally {
  files: number;
  bytes: number;
  lines: number;
}

class Summary {
  readonly total: Tally = { files: 0, bytes: 0, lines: 0 };
  readonly source: Tally = { files: 0, bytes: 0, lines: 0 };
  readonly tests: Tally = { files: 0, bytes: 0, lines: 0 };
  readonly unread = { binary: 0, large: 0 };
  readonly #languages = new Map<string, Tally & { code: boolean }>();
  readonly #notable: Record<NotableKind, string[]> = {
    manifest: [],
    lock: [],
    ci: [],
    container: [],
    document: [],
  };
  #largest: { path: string; language: string; lines: number; bytes: number; test: boolean }[] = [];

  add(file: TreeFile): void {
    const { bytes } = file;
    const counted = linesOf(file);
    const lines = typeof counted === "number" ? counted : 0;
    if (typeof counted !== "number") this.unread[counted]++;
    tally(this.total, bytes, lines);
    this.#note(file.path);
    const language = counted === "binary" ? null : languageOf(file.name);
    if (language === null) return;
    tally(this.#language(language.name, language.code), bytes, lines);
    if (!language.code) return;
    const test = isTestFile(file.path);
    tally(test ? this.tests : this.source, bytes, lines);
    this.#largest.push({ path: file.path, language: language.name, lines, bytes, test });
    if (this.#largest.length > KEPT.largest * 50) this.#keepLargest();
  }

  #language(name: string, code: boolean): Tally {
    const known = this.#languages.get(name);
    if (known) return known;
    const fresh = { files: 0, bytes: 0, lines: 0, code };
    this.#languages.set(name, fresh);
    return fresh;
  }

  #note(path: string): void {
    const kind = notableKind(path);
    if (kind === null || path.length > KEPT.pathLength) return;
    if (this.#notable[kind].length < KEPT.notable) this.#notable[kind].push(path);
  }

  #keepLargest(): void {
    this.#largest = this.#largest.sort((a, b) => b.lines - a.lines).slice(0, KEPT.largest);
  }

  result() {
    this.#keepLargest();
    const languages = [...this.#languages]
      .map(([name, language]) => ({ name, ...language }))
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, KEPT.languages);
    const largest = this.#largest.filter((file) => file.path.length <= KEPT.pathLength);
    const { total, source, tests, unread } = this;
    return { ...total, languages, source, tests, largest, notable: this.#notable, unread };
  }
}

function tally(into: Tally, bytes: number, lines: number): void {
  into.files++;
  into.bytes += bytes;
  into.lines += lines;
}

export function summariseTree(root: Root) {
  return defineTool({
    name: "summarise_tree",
    description:
      "Counts files, bytes and lines of the whole tree: by language, source against tests, the longest files, " +
      "and the paths of manifests, lock files, CI, container and project documents. Names what it passed by.",
    input: z.strictObject({}),
    async run(_args, signal) {
      const summary = new Summary();
      const walk = new Walk(root, signal);
      const {
        files: _files,
        truncated,
        ...passed
      } = await walk.run((file) => {
        summary.add(file);
        return true;
      });
      return { ...summary.result(), passed, truncated };
    },
  });
}

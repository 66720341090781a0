import { z } from "zod";
import { PAGE_BYTES } from "../shared/fit.ts";
import { jsonBytes } from "../shared/serve.ts";
import { defineTool } from "../shared/tool.ts";
import { components, type Root } from "./beneath.ts";
import { languageOf } from "./languages.ts";
import { Walk } from "./walk.ts";

const PAGE_FILES = 1_000;

interface Listed {
  path: string;
  bytes: number;
  language: string | null;
}

export function listFiles(root: Root) {
  return defineTool({
    name: "list_files",
    description:
      "Lists the files below the root in path order, a page at a time: path, bytes, language. Give the last " +
      "page's `next` as `after` to go on; `next` is null on the last page.",
    input: z.strictObject({
      after: z.string().min(1).max(4_096).optional(),
      limit: z.int().min(1).max(PAGE_FILES).default(PAGE_FILES),
    }),
    async run({ after, limit }, signal) {
      const files: Listed[] = [];
      let bytes = 0;
      let full = false;
      const walk = new Walk(root, signal, after === undefined ? [] : components(after));
      const report = await walk.run((file) => {
        const listed = {
          path: file.path,
          bytes: file.bytes,
          language: languageOf(file.name)?.name ?? null,
        };
        bytes += jsonBytes(listed) + 1;
        full = files.length >= limit || (bytes > PAGE_BYTES && files.length > 0);
        if (!full) files.push(listed);
        return !full;
      });
      return { files, next: full ? (files.at(-1)?.path ?? null) : null, truncated: report.truncated };
    },
  });
}

import { closeSync, readSync } from "node:fs";
import { z } from "zod";
import { PAGE_BYTES } from "../shared/fit.ts";
import { jsonBytes } from "../shared/serve.ts";
import { defineTool, ToolError } from "../shared/tool.ts";
import { openFile, type Root, withParent } from "./beneath.ts";

const MAX_PATHS = 40;
const FILE_BYTES = 32 * 1024;

interface Read {
  path: string;
  /** Null for a binary file and for one that may not be read. */
  text: string | null;
  /** The file is longer than what is here. */
  cut: boolean;
}

function readStart(root: Root, path: string): Read {
  try {
    return withParent(root, path, (parent, name) => {
      const { fd, stats } = openFile(root, parent, name);
      try {
        const buffer = Buffer.alloc(FILE_BYTES);
        const bytes = buffer.subarray(0, readSync(fd, buffer, 0, FILE_BYTES, 0));
        const text = bytes.includes(0) ? null : bytes.toString("utf8");
        return { path, text, cut: stats.size > FILE_BYTES };
      } finally {
        closeSync(fd);
      }
    });
  } catch (error) {
    if (error instanceof ToolError) return { path, text: null, cut: false };
    throw error;
  }
}

export function readFiles(root: Root) {
  return defineTool({
    name: "read_files",
    description:
      "Reads the first 32 KiB of several text files. An answer holds as many as fit; `next` is the index of the " +
      "first path that did not, null when all are here. `text` is null for what cannot be read.",
    input: z.strictObject({
      paths: z.array(z.string().min(1).max(1_024)).min(1).max(MAX_PATHS),
    }),
    async run({ paths }) {
      root.denied.refresh();
      const files: Read[] = [];
      let bytes = 0;
      for (const path of paths) {
        const file = readStart(root, path);
        // A file that fills the answer alone is given up rather than asked for without end.
        if (jsonBytes(file) > PAGE_BYTES) file.text = null;
        bytes += jsonBytes(file) + 1;
        if (bytes > PAGE_BYTES && files.length > 0) return { files, next: files.length };
        files.push(file);
      }
      return { files, next: null };
    },
  });
}

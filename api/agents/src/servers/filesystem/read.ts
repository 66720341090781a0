import { closeSync, readSync } from "node:fs";
import { z } from "zod";
import { jsonBytes } from "../shared/serve.ts";
import { defineTool } from "../shared/tool.ts";
import { openFile, type Root, withParent } from "./beneath.ts";

/** Bytes of one read; JSON may double them, and the cap of an answer is 64 KiB. */
const READ_CAP = 32 * 1024;
const TEXT_JSON_CAP = 60 * 1024;

/** Drops a character that the end of the range cuts in two. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

/** Text full of control characters grows sixfold in JSON; the range shrinks until the answer fits. */
function fitting(bytes: Buffer, more: boolean): { text: string; size: number } {
  let part = more ? wholeCharacters(bytes) : bytes;
  let text = part.toString("utf8");
  while (jsonBytes(text) > TEXT_JSON_CAP) {
    part = wholeCharacters(part.subarray(0, Math.floor(part.length / 2)));
    text = part.toString("utf8");
  }
  return { text, size: part.length };
}

export function readFile(root: Root) {
  return defineTool({
    name: "read_file",
    description:
      "Reads a range of one text file. `next` is the offset to go on from, null at the end; `text` is null for a " +
      "binary file. Protected names, links and files with a second name are refused.",
    input: z.strictObject({
      path: z.string().min(1).max(4_096),
      offset: z.int().min(0).default(0),
      maxBytes: z.int().min(16).max(READ_CAP).default(READ_CAP),
    }),
    async run({ path, offset, maxBytes }) {
      root.denied.refresh();
      return withParent(root, path, (parent, name) => {
        const { fd, stats } = openFile(root, parent, name);
        try {
          const buffer = Buffer.alloc(maxBytes);
          const size = readSync(fd, buffer, 0, maxBytes, offset);
          const bytes = buffer.subarray(0, size);
          if (bytes.includes(0)) return { path, bytes: stats.size, offset, text: null, next: null };
          const part = fitting(bytes, offset + size < stats.size);
          const end = offset + part.size;
          return { path, bytes: stats.size, offset, text: part.text, next: end < stats.size ? end : null };
        } finally {
          closeSync(fd);
        }
      });
    },
  });
}

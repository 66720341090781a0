import type { AgentStepIO, Json } from "@shiplog/core";
import { ask, toJson } from "./ask.ts";
import type { TreeFacts } from "./facts.ts";
import { count, plain } from "./words.ts";

export async function inspectTree(io: AgentStepIO): Promise<Json> {
  const tree = await ask<TreeFacts>(io, "filesystem", "summarise_tree", {});
  if (!tree.available) {
    await io.message("assistant", `The files could not be read: ${plain(tree.reason)}`);
  } else if (tree.files === 0) {
    await io.message("assistant", "The folder holds no files to read.");
  } else {
    const languages = tree.languages.filter((language) => language.code).slice(0, 3);
    const names = languages.map((language) => language.name).join(", ");
    const mostly = names === "" ? "no source code" : `mostly ${names}`;
    await io.message(
      "assistant",
      `Read ${count(tree.files, "file")}, ${count(tree.lines, "line")}: ${mostly}.`,
    );
  }
  return toJson(tree);
}

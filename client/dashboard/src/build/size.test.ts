import { expect, it } from "vitest";
import { firstLoad } from "./size.ts";

it("counts the entry and its static imports, not the pages loaded later", () => {
  const chunk = (isEntry: boolean, imports: string[]) => ({ isEntry, imports, code: "" });
  const names = firstLoad({
    "main.js": chunk(true, ["vendor.js"]),
    "vendor.js": chunk(false, ["shared.js"]),
    "shared.js": chunk(false, ["vendor.js"]),
    "page.js": chunk(false, ["vendor.js"]),
  });
  expect(names.sort()).toEqual(["main.js", "shared.js", "vendor.js"]);
});

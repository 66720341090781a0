import type { Source } from "./sources.ts";

const POLICY = "api/core/src/account/policy.ts";

/** Where being an administrator is told or looked for, but allows nothing; each with the one form it has there. */
const DATA: Readonly<Record<string, string>> = {
  // The viewer's own field of that name.
  "schema/src/account/queries.ts": `resolve: (actor) => actor.type === "user" && actor.isAdmin,`,
  // The same of everybody, told to whoever may list people.
  "schema/src/account/type.ts": "resolve: ({ isAdmin }, _args, ctx) => (seesAccounts(ctx) ? isAdmin : null),",
  // The demo belongs to the first administrator.
  "api/server/src/demo/demo.ts": "where: { isAdmin: true }",
};

/** A declaration, a value of one's own, or a copy from one object to the other: `isAdmin: user.isAdmin`. */
const DECLARED = /(?<!where: \{[^}]*)\bisAdmin\??: *(?:(?:\w+\.)?isAdmin\b|)/g;
/** The name of a column, as in `Pick<User, "isAdmin">` or `AS "isAdmin"`; but not `user["isAdmin"]`. */
const NAMED = /(?<!\[)"isAdmin"|\bu\.is_admin AS(?= )/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm;

/** Files that decide by themselves who is an administrator; only the policy may. */
export function decisionBreaks(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path !== POLICY && /^(api|schema)\//.test(path))
    .filter(({ path, text }) => {
      const rest = text
        .replace(DATA[path] ?? "", "")
        .replace(COMMENT, "")
        .replace(DECLARED, "")
        .replace(NAMED, "");
      return /\bisAdmin\b|\bis_admin\b/.test(rest);
    })
    .map(({ path }) => `${path}: whether somebody is an administrator decides in ${POLICY} only`);
}

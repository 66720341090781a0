import type { graphql as Generated } from "../gql/gql.ts";

const fragments = new Map<string, string>();

/**
 * The typed document tag. A build puts ids in the place of the texts, see build/documents.ts. The generated map of all documents is used for its types only and never bundled, so
 * that each document travels in the chunk of the page that asks it. Fragments register under their name when
 * their module loads, which is before the module that spreads them.
 */
function tag(source: string): string {
  const name = /^\s*fragment\s+(\w+)/.exec(source)?.[1];
  if (name) {
    fragments.set(name, source);
    return source;
  }
  return [source, ...spreads(source, new Set())].join("\n");
}

function spreads(source: string, seen: Set<string>): string[] {
  const found: string[] = [];
  for (const [, name] of source.matchAll(/\.\.\.\s*(?!on\b)(\w+)/g)) {
    if (!name || seen.has(name)) continue;
    seen.add(name);
    const fragment = fragments.get(name);
    if (fragment === undefined)
      throw new Error(`The fragment ${name} is spread but its module is not imported.`);
    found.push(fragment, ...spreads(fragment, seen));
  }
  return found;
}

export const graphql = tag as unknown as typeof Generated;

export interface Dependencies {
  readonly ecosystem: string;
  readonly name: string | null;
  readonly runtime: number;
  readonly development: number;
  /** Some version is not fixed by the manifest itself. */
  readonly floating: boolean;
}

type Reader = (text: string) => Omit<Dependencies, "ecosystem">;

function size(value: unknown): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

function fromJson(runtime: readonly string[], development: readonly string[]): Reader {
  return (text) => {
    const parsed: unknown = JSON.parse(text);
    const manifest = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>;
    const sum = (keys: readonly string[]) => keys.reduce((total, key) => total + size(manifest[key]), 0);
    const name = typeof manifest.name === "string" ? manifest.name.slice(0, 200) : null;
    return { name, runtime: sum(runtime), development: sum(development), floating: true };
  };
}

function matches(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** The lines of each `[section]` of a TOML file: enough to count entries, not to read values. */
function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  found.set("", lines);
  for (const line of text.split("\n")) {
    const header = /^\s*\[+([^\]]+)\]+\s*$/u.exec(line);
    if (header) {
      lines = [];
      found.set((header[1] as string).trim(), lines);
    } else if (!/^\s*(#|$)/u.test(line)) {
      lines.push(line);
    }
  }
  return found;
}

function entries(found: Map<string, string[]>, name: RegExp): number {
  let total = 0;
  for (const [section, lines] of found) {
    if (name.test(section)) total += lines.filter((line) => /^[\w."-]+\s*=/u.test(line.trim())).length;
  }
  return total;
}

function tomlName(found: Map<string, string[]>, section: string): string | null {
  const line = found.get(section)?.find((entry) => /^name\s*=/u.test(entry.trim()));
  return /=\s*["']([^"']{1,200})["']/u.exec(line ?? "")?.[1] ?? null;
}

/** Quoted items of `dependencies = [...]`; extras in brackets stand inside the quotes. */
function tomlArray(lines: readonly string[], key: string): number {
  const text = lines.join("\n");
  const start = text.search(new RegExp(`^${key}\\s*=\\s*\\[`, "mu"));
  if (start < 0) return 0;
  const body = text.slice(text.indexOf("[", start) + 1);
  let items = 0;
  for (const part of body.matchAll(/"[^"\n]*"|'[^'\n]*'|\]/gu)) {
    if (part[0] === "]") break;
    items++;
  }
  return items;
}

const python: Reader = (text) => {
  const found = sections(text);
  const poetry = Math.max(entries(found, /^tool\.poetry\.dependencies$/u) - 1, 0);
  const groups = entries(found, /^tool\.poetry\.(dev-dependencies|group\.[\w-]+\.dependencies)$/u);
  const optional = [...(found.get("dependency-groups") ?? [])].join("\n");
  return {
    name: tomlName(found, "project") ?? tomlName(found, "tool.poetry"),
    runtime: tomlArray(found.get("project") ?? [], "dependencies") + poetry,
    development: groups + matches(optional, /"[^"\n]*"/gu),
    floating: true,
  };
};

const cargo: Reader = (text) => {
  const found = sections(text);
  const tables = [...found.keys()].filter((section) => /^(.*\.)?dependencies\.[\w-]+$/u.test(section)).length;
  return {
    name: tomlName(found, "package"),
    runtime: entries(found, /^(target\..+\.)?(workspace\.)?dependencies$/u) + tables,
    development: entries(found, /^(target\..+\.)?(dev|build)-dependencies$/u),
    floating: true,
  };
};

const requirements: Reader = (text) => {
  const lines = text.split("\n").filter((line) => /^\s*[A-Za-z0-9]/u.test(line));
  const pinned = lines.filter((line) => /(===?)|( @ )/u.test(line));
  return { name: null, runtime: lines.length, development: 0, floating: pinned.length < lines.length };
};

const go: Reader = (text) => {
  const required = text.split("\n").filter((line) => /^\s*(require\s+)?[\w.-]+\.[\w./~-]+\s+v\d/u.test(line));
  const indirect = required.filter((line) => line.includes("// indirect"));
  const name = /^module\s+(\S{1,200})/mu.exec(text)?.[1] ?? null;
  return { name, runtime: required.length - indirect.length, development: 0, floating: true };
};

const maven: Reader = (text) => {
  const body = text.replace(/<dependencyManagement>[\s\S]*?<\/dependencyManagement>/gu, "");
  const all = matches(body, /<dependency>/gu);
  const test = matches(body, /<scope>test<\/scope>/gu);
  return { name: null, runtime: Math.max(all - test, 0), development: test, floating: false };
};

const gradle: Reader = (text) => ({
  name: null,
  runtime: matches(text, /^\s*(implementation|api|compileOnly|runtimeOnly)\b/gmu),
  development: matches(text, /^\s*(testImplementation|testRuntimeOnly|androidTestImplementation)\b/gmu),
  floating: false,
});

const pipfile: Reader = (text) => {
  const found = sections(text);
  return {
    name: null,
    runtime: entries(found, /^packages$/u),
    development: entries(found, /^dev-packages$/u),
    floating: true,
  };
};

const counting =
  (pattern: RegExp): Reader =>
  (text) => ({ name: null, runtime: matches(text, pattern), development: 0, floating: true });

const READERS: Record<string, readonly [ecosystem: string, read: Reader]> = {
  "package.json": ["npm", fromJson(["dependencies", "optionalDependencies"], ["devDependencies"])],
  "composer.json": ["composer", fromJson(["require"], ["require-dev"])],
  "pyproject.toml": ["python", python],
  "requirements.txt": ["python", requirements],
  pipfile: ["python", pipfile],
  "go.mod": ["go", go],
  "cargo.toml": ["cargo", cargo],
  "pom.xml": ["maven", maven],
  "build.gradle": ["gradle", gradle],
  "build.gradle.kts": ["gradle", gradle],
  gemfile: ["bundler", counting(/^\s*gem\s+["']/gmu)],
  "mix.exs": ["mix", counting(/^\s*\{:\w+,\s*["'~]/gmu)],
};

/** Counts the dependencies of a manifest; null when it cannot be understood. */
export function readDependencies(path: string, text: string): Dependencies | null {
  const reader = READERS[path.slice(path.lastIndexOf("/") + 1).toLowerCase()];
  if (!reader) return null;
  const [ecosystem, read] = reader;
  try {
    return { ecosystem, ...read(text) };
  } catch {
    return null;
  }
}

const LOCKS: Record<string, readonly string[]> = {
  npm: ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"],
  composer: ["composer.lock"],
  python: ["poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock"],
  go: ["go.sum"],
  cargo: ["cargo.lock"],
  bundler: ["gemfile.lock"],
  mix: ["mix.lock"],
};

function folder(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Ecosystem and folder of a lock file, so that two package managers in one folder can be told. */
export function lockKind(path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return Object.keys(LOCKS).find((ecosystem) => LOCKS[ecosystem]?.includes(name)) ?? null;
}

/** The lock file of a manifest: in its folder or, as in workspaces, in one above. */
export function lockFor(manifest: string, ecosystem: string, locks: readonly string[]): string | null {
  const place = folder(manifest);
  const covering = locks.filter((lock) => {
    const above = folder(lock);
    return lockKind(lock) === ecosystem && (above === "" || place === above || place.startsWith(`${above}/`));
  });
  return covering.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** Whether an ecosystem keeps a lock file at all. */
export function hasLocks(ecosystem: string): boolean {
  return Object.hasOwn(LOCKS, ecosystem);
}

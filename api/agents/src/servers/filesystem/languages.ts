/** Extension -> language. Programming languages, of which tests are expected; the rest are data, markup and prose. */
const CODE: Record<string, string> = {
  ts: "TypeScript",
  mts: "TypeScript",
  cts: "TypeScript",
  tsx: "TypeScript",
  js: "JavaScript",
  mjs: "JavaScript",
  cjs: "JavaScript",
  jsx: "JavaScript",
  vue: "Vue",
  svelte: "Svelte",
  py: "Python",
  pyi: "Python",
  rb: "Ruby",
  go: "Go",
  rs: "Rust",
  java: "Java",
  kt: "Kotlin",
  kts: "Kotlin",
  scala: "Scala",
  groovy: "Groovy",
  clj: "Clojure",
  cs: "C#",
  fs: "F#",
  vb: "Visual Basic",
  c: "C",
  h: "C",
  cc: "C++",
  cpp: "C++",
  cxx: "C++",
  hpp: "C++",
  hh: "C++",
  m: "Objective-C",
  mm: "Objective-C",
  swift: "Swift",
  php: "PHP",
  pl: "Perl",
  pm: "Perl",
  lua: "Lua",
  r: "R",
  jl: "Julia",
  dart: "Dart",
  ex: "Elixir",
  exs: "Elixir",
  erl: "Erlang",
  hs: "Haskell",
  ml: "OCaml",
  elm: "Elm",
  zig: "Zig",
  nim: "Nim",
  d: "D",
  sh: "Shell",
  bash: "Shell",
  zsh: "Shell",
  ps1: "PowerShell",
  tf: "Terraform",
  sol: "Solidity",
};
const OTHER: Record<string, string> = {
  sql: "SQL",
  prisma: "Prisma",
  graphql: "GraphQL",
  gql: "GraphQL",
  proto: "Protocol Buffers",
  html: "HTML",
  css: "CSS",
  scss: "SCSS",
  less: "Less",
  md: "Markdown",
  mdx: "Markdown",
  rst: "reStructuredText",
  adoc: "AsciiDoc",
  json: "JSON",
  jsonc: "JSON",
  yaml: "YAML",
  yml: "YAML",
  toml: "TOML",
  xml: "XML",
  ini: "INI",
  csv: "CSV",
};
const BY_NAME: Record<string, string> = {
  dockerfile: "Dockerfile",
  containerfile: "Dockerfile",
  makefile: "Makefile",
  jenkinsfile: "Groovy",
  "cmakelists.txt": "CMake",
  rakefile: "Ruby",
  gemfile: "Ruby",
};

export interface Language {
  readonly name: string;
  /** A programming language, so its files count as source or tests. */
  readonly code: boolean;
}

function own(table: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The language of a file by its name; null when it is not known, or the file is written by a tool. */
export function languageOf(fileName: string): Language | null {
  const name = fileName.toLowerCase();
  const named = own(BY_NAME, name);
  if (named !== undefined) return { name: named, code: named === "Groovy" || named === "Ruby" };
  if (isGenerated(name)) return null;
  const extension = name.slice(name.lastIndexOf(".") + 1);
  if (extension === name) return null;
  const code = own(CODE, extension);
  if (code !== undefined) return { name: code, code: true };
  const other = own(OTHER, extension);
  return other === undefined ? null : { name: other, code: false };
}

function isGenerated(name: string): boolean {
  return (
    /\.min\.(js|css)$/u.test(name) ||
    /(^|[.-])lock\.(json|ya?ml)$/u.test(name) ||
    /\.(pb|generated|g)\.[a-z]+$/u.test(name) ||
    name === "npm-shrinkwrap.json" ||
    name.endsWith(".snap")
  );
}

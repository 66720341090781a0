import { describe, expect, it } from "vitest";
import { lockFor, readDependencies } from "./dependencies.ts";
import { readWorkflow } from "./workflows.ts";

const MANIFESTS: [path: string, text: string, expected: object][] = [
  [
    "a/package.json",
    '{"name":"@x/y","dependencies":{"a":"1","b":"2"},"devDependencies":{"c":"3"},"peerDependencies":{"d":"4"}}',
    { ecosystem: "npm", name: "@x/y", runtime: 2, development: 1 },
  ],
  ["composer.json", '{"require":{"php":">=8"},"require-dev":{}}', { ecosystem: "composer", runtime: 1 }],
  [
    "pyproject.toml",
    '[project]\nname = "tool"\ndependencies = [\n  "requests[socks]>=2",  # why\n  \'rich\',\n]\n[dependency-groups]\ntest = ["pytest"]\n',
    { ecosystem: "python", name: "tool", runtime: 2, development: 1 },
  ],
  [
    "pyproject.toml",
    '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\npython = "^3.12"\nflask = "3"\n[tool.poetry.group.dev.dependencies]\npytest = "8"\n',
    { name: "p", runtime: 1, development: 1 },
  ],
  ["requirements.txt", "# x\nflask==3.0\nrich===1\n-r other.txt\n\n", { runtime: 2, floating: false }],
  ["requirements.txt", "flask>=3\n", { runtime: 1, floating: true }],
  ["Pipfile", '[packages]\nflask = "*"\n[dev-packages]\npytest = "*"\n', { runtime: 1, development: 1 }],
  [
    "go.mod",
    "module example.org/x\n\ngo 1.23\n\nrequire github.com/a/b v1.2.3\nrequire (\n\tgolang.org/x/c v0.1.0\n\texample.org/d/v2 v2.0.0 // indirect\n)\n",
    { ecosystem: "go", name: "example.org/x", runtime: 2 },
  ],
  [
    "Cargo.toml",
    '[package]\nname = "c"\n[dependencies]\nserde = "1"\ntokio = { version = "1" }\n[dependencies.big]\nversion = "1"\n[dev-dependencies]\nquick = "1"\n',
    { ecosystem: "cargo", name: "c", runtime: 3, development: 1 },
  ],
  [
    "pom.xml",
    "<dependencyManagement><dependencies><dependency>x</dependency></dependencies></dependencyManagement><dependencies><dependency>a</dependency><dependency>b<scope>test</scope></dependency></dependencies>",
    { ecosystem: "maven", runtime: 1, development: 1, floating: false },
  ],
  [
    "app/build.gradle.kts",
    'dependencies {\n  implementation("a:b:1")\n  testImplementation("c:d:1")\n}\n',
    { ecosystem: "gradle", runtime: 1, development: 1 },
  ],
  [
    "Gemfile",
    "source 'x'\ngem 'rails'\n  gem \"pg\", '1'\n# gem 'no'\n",
    { ecosystem: "bundler", runtime: 2 },
  ],
  ["mix.exs", 'defp deps do\n  [\n    {:phoenix, "~> 1.7"},\n  ]\n', { ecosystem: "mix", runtime: 1 }],
];

describe("manifests", () => {
  it.each(MANIFESTS)("%s: %s", (path, text, expected) => {
    expect(readDependencies(path, text)).toMatchObject(expected);
  });

  it.each([
    ["package.json", ""],
    ["package.json", "{"],
    ["unknown.txt", "x"],
  ])("%s with %j is not understood", (path, text) => {
    expect(readDependencies(path, text)).toBeNull();
  });

  it.each(["null", "[]", '"x"', '{"dependencies":7,"name":[]}'])("package.json with %s has none", (text) => {
    expect(readDependencies("package.json", text)).toMatchObject({ runtime: 0, name: null });
  });

  it("are locked by the nearest lock file of their kind above them", () => {
    const locks = ["pnpm-lock.yaml", "apps/web/package-lock.json", "uv.lock", "apps-old/yarn.lock"];
    expect(lockFor("apps/web/package.json", "npm", locks)).toBe("apps/web/package-lock.json");
    expect(lockFor("apps/api/package.json", "npm", locks)).toBe("pnpm-lock.yaml");
    expect(lockFor("apps/pyproject.toml", "python", locks)).toBe("uv.lock");
    expect(lockFor("apps/go.mod", "go", locks)).toBeNull();
  });
});

const WORKFLOW = `name: "CI"
on:
  push:
    branches: [main]
  pull_request:
permissions: {}
jobs:
  # first
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: someone/setup@v2 # moves
      - name: x
        uses: 'other/run/sub@1111111111111111111111111111111111111111'
  unit-test:
    uses: ./.github/workflows/shared.yml
`;

describe("workflows", () => {
  it("of GitHub tell their jobs, triggers and movable actions", () => {
    expect(readWorkflow(".github/workflows/ci.yml", WORKFLOW)).toEqual({
      path: ".github/workflows/ci.yml",
      provider: "GitHub Actions",
      name: "CI",
      jobs: ["lint", "unit-test"],
      triggers: ["push", "pull_request"],
      movable: ["someone/setup@v2"],
    });
    const short = readWorkflow(
      ".github/workflows/b.yml",
      "on: [push, workflow_dispatch]\njobs:\n    a:\n        x: 1\n",
    );
    expect(short).toMatchObject({ name: null, triggers: ["push", "workflow_dispatch"], jobs: ["a"] });
  });

  it.each([
    [".gitlab-ci.yml", "GitLab CI"],
    ["Jenkinsfile", "Jenkins"],
    [".circleci/config.yml", "CircleCI"],
    [".buildkite/p.yml", "Buildkite"],
    ["azure-pipelines.yml", "Azure Pipelines"],
    ["bitbucket-pipelines.yml", "Bitbucket Pipelines"],
    [".travis.yml", "travis"],
    [".ci/run", "script"],
  ])("%s is of %s", (path, provider) => {
    expect(readWorkflow(path, "")).toMatchObject({ provider, jobs: [], movable: [] });
  });
});

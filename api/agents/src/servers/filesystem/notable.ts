/** Files that say how a project is built, kept and shipped. */
export type NotableKind = "manifest" | "lock" | "ci" | "container" | "document";

const MANIFESTS = new Set([
  "package.json",
  "pyproject.toml",
  "requirements.txt",
  "pipfile",
  "go.mod",
  "cargo.toml",
  "pom.xml",
  "build.gradle",
  "build.gradle.kts",
  "gemfile",
  "composer.json",
  "mix.exs",
]);
const LOCKS = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
  "poetry.lock",
  "uv.lock",
  "pipfile.lock",
  "pdm.lock",
  "go.sum",
  "cargo.lock",
  "gemfile.lock",
  "composer.lock",
  "gradle.lockfile",
  "mix.lock",
]);
const CI_FILES = new Set([
  ".gitlab-ci.yml",
  "jenkinsfile",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  ".travis.yml",
  "appveyor.yml",
  ".drone.yml",
  ".woodpecker.yml",
]);
const CI_PLACES = [
  /^\.github\/workflows\/[^/]+\.ya?ml$/u,
  /^\.circleci\/config\.ya?ml$/u,
  /^\.buildkite\/[^/]+\.ya?ml$/u,
  /^\.ci\/[^/]+$/u,
];
const DOCUMENTS = /^(readme|license|licence|copying|contributing|codeowners|security|changelog)(\.[a-z]+)?$/u;
const CONTAINERS = /^((docker|container)file(\..+)?|(docker-)?compose([.-].+)?\.ya?ml)$/u;

export function notableKind(path: string): NotableKind | null {
  const lowerPath = path.toLowerCase();
  const name = lowerPath.slice(lowerPath.lastIndexOf("/") + 1);
  if (CI_FILES.has(name) || CI_PLACES.some((place) => place.test(lowerPath))) return "ci";
  if (MANIFESTS.has(name)) return "manifest";
  if (LOCKS.has(name)) return "lock";
  if (CONTAINERS.test(name)) return "container";
  return DOCUMENTS.test(name) ? "document" : null;
}

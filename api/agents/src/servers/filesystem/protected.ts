/**
 * Names that are never opened, wherever they stand: version control internals, environment files, keys and
 * stored logins. A folder of such a name hides everything below it.
 */
const NAMES = new Set([
  ".git",
  ".npmrc",
  ".yarnrc.yml",
  ".netrc",
  "_netrc",
  ".pgpass",
  ".my.cnf",
  ".pypirc",
  ".htpasswd",
  ".dockercfg",
  ".git-credentials",
  ".ssh",
  ".aws",
  ".azure",
  ".gnupg",
  ".kube",
  ".docker",
  ".shiplog",
]);
const PREFIXES = [".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials"];
const SUFFIXES = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".kubeconfig"];

/**
 * File systems that ignore case, compatibility forms or zero-width characters open `.ENV` or `.e\u200dnv` as
 * `.env`; names are compared in the form the laxest of them would.
 */
function canonical(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .replace(/[. ]+$/u, "");
}

export function isProtectedName(name: string): boolean {
  const plain = canonical(name);
  return (
    NAMES.has(plain) ||
    PREFIXES.some((prefix) => plain.startsWith(prefix)) ||
    SUFFIXES.some((suffix) => plain.endsWith(suffix))
  );
}

/** Folders that hold what others wrote or a tool made; a walk passes them by. */
const SKIPPED = new Set([
  "node_modules",
  "bower_components",
  "dist",
  "build",
  "vendor",
  "target",
  ".venv",
  "venv",
  "__pycache__",
  ".tox",
  ".gradle",
  ".terraform",
  ".next",
  ".cache",
  ".turbo",
  "coverage",
  "generated",
  "__generated__",
]);

export function isSkippedFolder(name: string): boolean {
  return SKIPPED.has(name.toLowerCase());
}

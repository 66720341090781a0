import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { canReach, serverAccount } from "./account.ts";
import { installedBinaries, reachableBinaries } from "./binaries.ts";
import {
  cleanUpAfterEach,
  homeOf,
  query,
  removeHomeAfter,
  start,
  startWriter,
  temporaryFolder,
} from "./testing/harness.ts";

cleanUpAfterEach();

/** Only root can act as somebody else; for everybody else the other suites are this test. */
const asRoot = process.getuid?.() === 0;
const account = serverAccount(null);

if (asRoot && account) {
  test("as root the server runs as an unprivileged user", async () => {
    const dataDir = join(temporaryFolder(), "data");
    await start(dataDir);
    expect(homeOf(dataDir)).toBe(join(dataDir, "postgres"));
    expect(statSync(join(homeOf(dataDir), "data")).uid).toBe(account.uid);
  });

  test("as root below a private folder the database lies where its user gets to, and is found again", async () => {
    const dataDir = join(temporaryFolder(0o700), "checkout/.shiplog");
    mkdirSync(dirname(dataDir));
    const first = await start(dataDir);
    removeHomeAfter(dataDir);
    const home = homeOf(dataDir);
    expect(home.startsWith(dataDir)).toBe(false);
    expect(canReach(account, join(home, "data"))).toBe(true);
    await query(first.url, "CREATE TABLE kept ()");
    await first.stop();
    // The folder opened up meanwhile: the data stays where it is.
    chmodSync(join(dataDir, "../.."), 0o755);
    const second = await start(dataDir);
    expect(second.created).toBe(false);
    expect(await query(second.url, "SELECT to_regclass('kept')::text AS name")).toEqual([{ name: "kept" }]);
  });

  test("binaries that the user cannot reach are copied once to where he can", () => {
    const installed = installedBinaries();
    const hidden = { version: installed.version, root: join(temporaryFolder(0o700), "native") };
    cpSync(installed.root, hidden.root, { recursive: true, verbatimSymlinks: true });
    const home = temporaryFolder();
    const copied = reachableBinaries(hidden, account, home);
    expect(copied.root.startsWith(home)).toBe(true);
    const version = execFileSync(join(copied.root, "bin/postgres"), ["--version"], { ...account, cwd: "/" });
    expect(version.toString()).toMatch(/PostgreSQL\) 18/);
    expect(reachableBinaries(hidden, account, home)).toEqual(copied);
    expect(reachableBinaries(installed, null, home)).toEqual(installed);
  });

  // From a checkout below a private folder nobody else can start anything at all.
  if (canReach(account, import.meta.dirname) && canReach(account, process.execPath)) {
    test("an unprivileged user runs it as himself", async () => {
      const folder = temporaryFolder();
      chownSync(folder, account.uid, account.gid);
      const writer = startWriter(join(folder, "data"), account);
      expect((await writer.until((event) => Boolean(event.url ?? event.failed))).uid).toBe(account.uid);
      writer.child.kill("SIGTERM");
      expect(await writer.exited).toBe(0);
    });

    test("an unprivileged user is told of a folder that he may not write to", async () => {
      const folder = temporaryFolder();
      const writer = startWriter(join(folder, "data"), account);
      const { failed } = await writer.until((event) => event.failed !== undefined);
      expect(failed).toBe(
        `Cannot write to the data directory ${join(folder, "data")} (EACCES). Set SHIPLOG_DATA_DIR to a writable folder.`,
      );
      expect(await writer.exited).toBe(1);
    });
  }
} else {
  test("an unprivileged user runs it as himself", () => {
    expect(serverAccount(null)).toBeNull();
  });
}

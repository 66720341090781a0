import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { ROOT } from "./structure/sources.ts";

interface Unpacked {
  readonly executable: string;
  readonly env: Record<string, string>;
}

/**
 * Unpacks the browser that the npm package ships, once, into the workspace's cache: the package's own place is
 * a fixed name in the system's temporary folder, which two users or two half-finished runs would share. Its
 * libraries for bare machines are unpacked too and used only where the system lacks some.
 */
function unpack(): Unpacked {
  const manifest = new URL("../package.json", import.meta.resolve("@sparticuz/chromium"));
  const { version } = JSON.parse(readFileSync(fileURLToPath(manifest), "utf8")) as { version: string };
  const folder = join(ROOT, "node_modules", ".cache", `chromium-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(join(folder, ".."), { recursive: true });
    const fresh = mkdtempSync(`${folder}-`);
    const script = 'import("@sparticuz/chromium").then((m) => m.default.executablePath())';
    const env = { ...process.env, TMPDIR: fresh, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" };
    const done = spawnSync(process.execPath, ["-e", script], {
      cwd: import.meta.dirname,
      env,
      encoding: "utf8",
    });
    if (done.status !== 0) throw new Error(`the browser cannot be unpacked: ${done.stderr}`);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Another process was first; its copy is as good.
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  const executable = join(folder, "chromium");
  const fonts = { FONTCONFIG_FILE: fontConfiguration(folder) };
  const runs = spawnSync(executable, ["--version"], { encoding: "utf8" }).status === 0;
  return { executable, env: runs ? fonts : { ...fonts, LD_LIBRARY_PATH: join(folder, "al2023", "lib") } };
}

/** The system's fonts, and the one that the package ships for machines that have none. */
function fontConfiguration(folder: string): string {
  const path = join(folder, "shiplog-fonts.conf");
  const dirs = ["/usr/share/fonts", join(folder, "fonts", "fonts")]
    .map((dir) => `<dir>${dir}</dir>`)
    .join("");
  const cache = `<cachedir>${join(folder, "font-cache")}</cachedir>`;
  writeFileSync(path, `<?xml version="1.0"?><fontconfig>${dirs}${cache}</fontconfig>`);
  return path;
}

/** A headless Chromium; close it when done. `args` are added to the command line. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const { executable, env } = unpack();
  return chromium.launch({
    executablePath: executable,
    env: { ...(process.env as Record<string, string>), ...env },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--no-first-run",
      ...args,
    ],
  });
}

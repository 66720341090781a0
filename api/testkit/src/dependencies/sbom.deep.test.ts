import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../structure/sources.ts";
import { readLock } from "./lock.ts";

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly "bom-ref": string;
}

it("CI's list of materials is CycloneDX and names all that the lock file has", () => {
  const folder = mkdtempSync(join(tmpdir(), "shiplog-sbom-"));
  try {
    const path = join(folder, "sbom.cdx.json");
    execFileSync(join(ROOT, ".ci/sbom"), [path], { cwd: ROOT, stdio: "pipe" });
    const sbom = JSON.parse(readFileSync(path, "utf8")) as {
      bomFormat: string;
      specVersion: string;
      serialNumber: string;
      version: number;
      metadata: { component: Component };
      components: Component[];
      dependencies: { ref: string; dependsOn?: string[] }[];
    };
    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(sbom.metadata.component).toMatchObject({ type: "application", name: "shiplog" });
    for (const { type, name, purl } of sbom.components) {
      expect([type, name.length > 0]).toEqual(["library", true]);
      expect(purl).toMatch(/^pkg:npm\/(%40[^/]+\/)?[^@/]+@[^@]+$/);
    }
    const refs = sbom.components.map((component) => component["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    const known = new Set([...refs, sbom.metadata.component["bom-ref"]]);
    for (const { ref, dependsOn = [] } of sbom.dependencies)
      for (const one of [ref, ...dependsOn]) expect(known).toContain(one);
    const purls = new Set(sbom.components.map(({ purl }) => decodeURIComponent(purl.split("?", 1)[0] ?? "")));
    const missing = readLock().filter(({ name, version }) => !purls.has(`pkg:npm/${name}@${version}`));
    expect(missing).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

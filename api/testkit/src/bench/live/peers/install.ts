import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../structure/sources.ts";

/** The servers that Shiplog is measured against, as published; no part of the workspace or its lock file. */
const PEERS = {
  "@apollo/server": "5.5.1",
  fastify: "5.12.8",
  graphql: "16.15.0",
  "graphql-subscriptions": "3.0.0",
  "graphql-ws": "6.4.2",
  "graphql-yoga": "5.24.1",
  mercurius: "16.10.1",
  ws: "8.23.0",
};

/** Installs them where they are not; returns the folder. Needs npm and its registry, once. */
export function installPeers(): string {
  const folder = join(ROOT, "node_modules/.cache/bench-peers");
  const manifest = join(folder, "package.json");
  const wanted = JSON.stringify({ private: true, dependencies: PEERS }, null, 2);
  const done = join(folder, "installed");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  console.error("installing the peers of G3 …");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(done, wanted);
  return folder;
}

export const PEER_NAMES = ["yoga", "mercurius", "apollo"] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export const PEER_TITLES: Record<PeerName, string> = {
  yoga: `Yoga ${PEERS["graphql-yoga"]} + graphql-ws ${PEERS["graphql-ws"]}`,
  mercurius: `Mercurius ${PEERS.mercurius}`,
  apollo: `Apollo Server ${PEERS["@apollo/server"]} + graphql-ws ${PEERS["graphql-ws"]}`,
};

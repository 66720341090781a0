import type { HotSpot } from "../facts.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { code, count, list, percent } from "../words.ts";
import type { Evidence, Rule } from "./insight.ts";

const limits = THRESHOLDS.hotSpot;

function evidence(spots: readonly HotSpot[]): Evidence[] {
  return spots.map(({ path, lines, commits, authors, added, removed, testFile }) => ({
    kind: "file",
    ref: path,
    value: { lines, commits, authors, added, removed, testFile },
  }));
}

function named(spots: readonly HotSpot[]): string {
  return list(
    spots.map(
      (spot) => `${code(spot.path)} (${count(spot.lines, "line")}, ${count(spot.commits, "commit")})`,
    ),
  );
}

const untested: Rule = ({ hotSpots, tree }) => {
  // Without any test in the tree that is the finding, not each file.
  if (!hotSpots.available || !tree.available || tree.tests.files === 0) return null;
  const spots = hotSpots.hotSpots.filter(
    (spot) =>
      spot.testFile === null && spot.commits >= limits.untestedCommits && spot.lines >= limits.untestedLines,
  );
  if (spots.length === 0) return null;
  return {
    rule: "untested_hot_spot",
    title: `${count(spots.length, "hot spot")} without a test of ${spots.length === 1 ? "its" : "their"} own`,
    severity: "warning",
    text: `No test file is named after ${named(spots)}. They change often and are large, so an error there is likely and costly.`,
    evidence: evidence(spots),
  };
};

const magnet: Rule = ({ hotSpots }) => {
  if (!hotSpots.available || hotSpots.commits === 0) return null;
  const spots = hotSpots.hotSpots.filter(
    (spot) => spot.commits >= limits.magnetCommits && spot.commits / hotSpots.commits >= limits.magnetShare,
  );
  const first = spots[0];
  if (!first) return null;
  return {
    rule: "change_magnet",
    title: `Every ${ordinal(hotSpots.commits / first.commits)} commit touches ${first.path}`,
    severity: "notice",
    text: `${named(spots)} took part in at least ${percent(limits.magnetShare)} of ${count(hotSpots.commits, "commit")}: most changes meet there, and so do conflicts.`,
    evidence: evidence(spots),
  };
};

function ordinal(ratio: number): string {
  const rounded = Math.round(ratio);
  return rounded <= 1 ? "single" : (["second", "third", "fourth"][rounded - 2] ?? `${rounded}th`);
}

const growing: Rule = ({ hotSpots }) => {
  if (!hotSpots.available) return null;
  const spots = hotSpots.hotSpots.filter((spot) => {
    const growth = spot.added - spot.removed;
    // A file that came into being in the window grew by all of itself; it must have changed since.
    return spot.lines >= limits.growthSize && growth >= limits.growthLines && spot.commits >= 4;
  });
  if (spots.length === 0) return null;
  const names = spots.map((spot) => `${code(spot.path)} (+${spot.added - spot.removed}, now ${spot.lines})`);
  return {
    rule: "growing_files",
    title: `${count(spots.length, "large file")} still growing`,
    severity: "notice",
    text: `${list(names)} gained more lines than they lost. Splitting them gets dearer with every change.`,
    evidence: evidence(spots),
  };
};

const islands: Rule = ({ hotSpots, history }) => {
  if (!hotSpots.available || !history.available || history.people < 2) return null;
  const spots = hotSpots.hotSpots.filter(
    (spot) => spot.authors === 1 && spot.commits >= limits.islandCommits,
  );
  if (spots.length === 0) return null;
  return {
    rule: "knowledge_island",
    title: `${count(spots.length, "hot spot")} that only one person touches`,
    severity: "notice",
    text: `${count(history.people, "person", "people")} commit here, but ${named(spots)} had a single author each.`,
    evidence: evidence(spots),
  };
};

export const hotSpotRules: readonly Rule[] = [untested, magnet, growing, islands];

import type { HistoryFacts } from "../facts.ts";
import { reasonText } from "../history.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { count, list, percent, plain } from "../words.ts";
import { EVIDENCE_KEPT, type Rule } from "./insight.ts";

const DAY_MS = 86_400_000;

function period(history: HistoryFacts): string {
  return history.windowDays === null ? "in all of the history" : `in the last ${history.windowDays} days`;
}

const noHistory: Rule = ({ history, tree }) => {
  if (history.available || !tree.available) return null;
  return {
    rule: "no_history",
    title: "No history",
    severity: "info",
    text: `Who works on what, how fast and where it hurts cannot be told: ${plain(reasonText(history.reason))}.`,
    evidence: [{ kind: "folder", ref: ".git", value: history.reason }],
  };
};

/** The fewest people who made half of the commits. */
function busFactor(history: HistoryFacts): number {
  let sum = 0;
  let people = 0;
  for (const author of history.authors) {
    if (sum * 2 >= history.commits) break;
    sum += author.commits;
    people++;
  }
  return people;
}

const fewHands: Rule = ({ history }) => {
  if (!history.available || history.commits < THRESHOLDS.people.minCommits) return null;
  const top = history.authors[0];
  if (!top || top.commits / history.commits < THRESHOLDS.people.topShare) return null;
  const share = percent(top.commits / history.commits);
  const alone = history.people === 1;
  const others = alone ? "nobody else committed" : `${count(history.people - 1, "other")} made the rest`;
  return {
    rule: "bus_factor",
    title: alone ? "One person knows this code" : "Almost everything comes from one person",
    severity: alone ? "notice" : "warning",
    text: `${plain(top.name)} made ${share} of ${count(history.commits, "commit")} ${period(history)}; ${others}. The bus factor is ${busFactor(history)}.`,
    evidence: history.authors.slice(0, EVIDENCE_KEPT).map((author) => ({
      kind: "author",
      ref: author.name,
      value: { commits: author.commits, share: Number((author.commits / history.commits).toFixed(3)) },
    })),
  };
};

const quiet: Rule = ({ history, now }) => {
  if (!history.available || history.lastAt === null) return null;
  const days = Math.floor((now.getTime() - Date.parse(history.lastAt)) / DAY_MS);
  if (days < THRESHOLDS.quiet.noticeDays) return null;
  const commit = history.recent[0];
  return {
    rule: "quiet",
    title: `No commit for ${count(days, "day")}`,
    severity: days >= THRESHOLDS.quiet.warningDays ? "warning" : "notice",
    text: "Either the work is done, or it happens on another branch or in another clone: only what HEAD holds is seen here.",
    evidence: [{ kind: "commit", ref: commit?.sha ?? "HEAD", value: history.lastAt }],
  };
};

/** The longest run of empty weeks that has work before and after it. */
function longestGap(perWeek: HistoryFacts["perWeek"]): HistoryFacts["perWeek"] {
  const first = perWeek.findIndex((week) => week.commits > 0);
  const last = perWeek.findLastIndex((week) => week.commits > 0);
  let longest: HistoryFacts["perWeek"] = [];
  let start = first;
  for (let at = first; first >= 0 && at <= last; at++) {
    if (perWeek[at]?.commits) start = at + 1;
    else if (at + 1 - start > longest.length) longest = perWeek.slice(start, at + 1);
  }
  return longest;
}

const gaps: Rule = ({ history }) => {
  if (!history.available) return null;
  const gap = longestGap(history.perWeek);
  if (gap.length < THRESHOLDS.gapWeeks) return null;
  return {
    rule: "weeks_without_commits",
    title: `${count(gap.length, "week")} in a row without a commit`,
    severity: "info",
    text: `From the week of ${gap[0]?.week} to the week of ${gap.at(-1)?.week} nothing was committed, before and after it was.`,
    evidence: gap.slice(0, EVIDENCE_KEPT).map((week) => ({ kind: "week", ref: week.week, value: 0 })),
  };
};

function sum(weeks: HistoryFacts["perWeek"]): number {
  return weeks.reduce((total, week) => total + week.commits, 0);
}

const pace: Rule = ({ history }) => {
  if (!history.available) return null;
  // The last week is not over; it would always look slow.
  const recent = history.perWeek.slice(-5, -1);
  const earlier = history.perWeek.slice(-9, -5);
  const now = sum(recent);
  const before = sum(earlier);
  if (now + before < THRESHOLDS.pace.minCommits || now === 0 || before === 0) return null;
  const factor = now / before;
  const faster = factor >= THRESHOLDS.pace.factor;
  if (!faster && factor > 1 / THRESHOLDS.pace.factor) return null;
  return {
    rule: "pace",
    title: faster ? "The pace has gone up" : "The pace has gone down",
    severity: faster ? "info" : "notice",
    text: `${count(now, "commit")} in the last four full weeks, ${before} in the four before.`,
    evidence: [...earlier, ...recent].map((week) => ({ kind: "week", ref: week.week, value: week.commits })),
  };
};

const REPAIR = /\b(fix(e[sd])?|bug ?fix|hot ?fix|revert(s|ed)?|regression)\b/iu;
const REVERT = /^revert\b/iu;

const repairs: Rule = ({ history }) => {
  if (!history.available || history.recent.length < THRESHOLDS.repair.minCommits) return null;
  const fixes = history.recent.filter((commit) => REPAIR.test(commit.subject));
  const reverts = fixes.filter((commit) => REVERT.test(commit.subject));
  const share = fixes.length / history.recent.length;
  if (share < THRESHOLDS.repair.share && reverts.length < THRESHOLDS.repair.reverts) return null;
  const reverted = reverts.length === 0 ? "" : ` ${count(reverts.length, "commit")} took something back.`;
  return {
    rule: "repair_work",
    title: `${percent(share)} of the recent commits repair something`,
    severity: "notice",
    text: `${fixes.length} of the last ${history.recent.length} subjects speak of a fix or a revert, such as ${list(
      fixes.slice(0, 2).map((commit) => `“${plain(commit.subject, 80)}”`),
    )}.${reverted}`,
    evidence: fixes.slice(0, EVIDENCE_KEPT).map((commit) => ({
      kind: "commit",
      ref: commit.sha,
      value: commit.subject,
    })),
  };
};

const shallow: Rule = ({ history }) => {
  if (!history.available || !(history.shallow || history.truncated)) return null;
  return {
    rule: "part_of_history",
    title: "Only part of the history is here",
    severity: "info",
    text: history.shallow
      ? "This is a shallow clone; `git fetch --unshallow` brings the rest, and with it true numbers."
      : "A limit or a damaged object ended the reading; newer commits were read first.",
    evidence: [
      { kind: "folder", ref: ".git", value: { shallow: history.shallow, truncated: history.truncated } },
    ],
  };
};

export const historyRules: readonly Rule[] = [noHistory, fewHands, quiet, gaps, pace, repairs, shallow];

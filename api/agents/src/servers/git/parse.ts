import { StringDecoder } from "node:string_decoder";

export interface FileChange {
  readonly path: string;
  /** Null for a binary file, and where a partial clone lacks the contents. */
  readonly added: number | null;
  readonly removed: number | null;
}

export interface CommitRecord {
  readonly sha: string;
  /** Commit time, seconds since 1970. */
  readonly at: number;
  readonly author: string;
  /** Lower-case e-mail: who counts as one person. Never part of an answer. */
  readonly identity: string;
  readonly merge: boolean;
  readonly subject: string;
  readonly changes: FileChange[];
  /** Changed files and lines, also those beyond the kept changes. */
  files: number;
  added: number;
  removed: number;
}

const MARK = "\u0001commit";
const FIELDS = 6;
/** Fields are separated by NUL, which git puts into no field; a change always holds two tabs, the mark none. */
export const FORMAT = `--format=${["%x01commit", "%H", "%ct", "%aN", "%aE", "%P", "%s"].join("%x00")}`;
const KEPT_CHANGES = 300;
const KEPT_TEXT = 200;

const NUMSTAT = /^\n?(\d+|-)\t(\d+|-)\t([\s\S]+)$/u;
const RAW = /^\n?:\d{6} \d{6} [0-9a-f]+ [0-9a-f]+ [A-Z]\d*$/u;

function count(digits: string | undefined): number | null {
  return digits === undefined || digits === "-" ? null : Number(digits);
}

/** Cuts the output of `git log -z` with FORMAT and --numstat, --raw or neither into commits, as it comes. */
export class LogParser {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onCommit: (commit: CommitRecord) => void;
  #rest = "";
  #header: string[] | null = null;
  #commit: CommitRecord | null = null;
  #rawChange = false;

  constructor(onCommit: (commit: CommitRecord) => void) {
    this.#onCommit = onCommit;
  }

  push(chunk: Buffer): void {
    const tokens = (this.#rest + this.#decoder.write(chunk)).split("\0");
    this.#rest = tokens.pop() as string;
    for (const token of tokens) this.#token(token);
  }

  /** The output is complete; without this call the last commit is not handed on. */
  end(): void {
    if (this.#rest !== "") this.#token(this.#rest);
    this.#flush();
  }

  #flush(): void {
    if (this.#commit) this.#onCommit(this.#commit);
    this.#commit = null;
  }

  #token(token: string): void {
    if (this.#header) {
      this.#header.push(token);
      if (this.#header.length === FIELDS) this.#open(this.#header);
    } else if (token === MARK || token === `\n${MARK}`) {
      this.#flush();
      this.#header = [];
    } else {
      this.#change(token);
    }
  }

  #open([sha = "", at = "", author = "", email = "", parents = "", subject = ""]: string[]): void {
    this.#header = null;
    this.#rawChange = false;
    this.#commit = {
      sha,
      at: Number(at) || 0,
      author: keptText(author),
      identity: (email || author).toLowerCase(),
      merge: parents.includes(" "),
      subject: keptText(subject),
      changes: [],
      files: 0,
      added: 0,
      removed: 0,
    };
  }

  #change(token: string): void {
    if (!this.#commit) return;
    if (this.#rawChange) {
      this.#rawChange = false;
      this.#keep({ path: token, added: null, removed: null });
      return;
    }
    this.#rawChange = RAW.test(token);
    const numstat = NUMSTAT.exec(token);
    if (numstat)
      this.#keep({ path: numstat[3] as string, added: count(numstat[1]), removed: count(numstat[2]) });
  }

  #keep(change: FileChange): void {
    if (!this.#commit) return;
    this.#commit.files++;
    this.#commit.added += change.added ?? 0;
    this.#commit.removed += change.removed ?? 0;
    if (this.#commit.changes.length < KEPT_CHANGES) this.#commit.changes.push(change);
  }
}

/** The beginning, cut between words: half of a secret would not be known as one. */
function keptText(text: string): string {
  return text.length <= KEPT_TEXT ? text : `${text.slice(0, KEPT_TEXT).replace(/\S*$/, "")}…`;
}

import { realpathSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";

interface Place {
  readonly path: string;
  /** Null while nothing exists there. */
  readonly inode: string | null;
}

function place(path: string): Place {
  try {
    const real = realpathSync(path);
    const { dev, ino } = statSync(real);
    return { path: real, inode: `${dev}:${ino}` };
  } catch {
    return { path: resolve(path), inode: null };
  }
}

/** Places that are never read, such as the data directory of the program itself. */
export class Denied {
  readonly #paths: readonly string[];
  #places: readonly Place[] = [];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.refresh();
  }

  /** Looks the places up again; one may have come into being. Called once per tool call. */
  refresh(): void {
    this.#places = this.#paths.map(place);
  }

  /** By place and by inode, so that neither another spelling nor a bind mount leads into one. */
  covers(stats: Stats, absolute: string): boolean {
    return this.#places.some(
      ({ path, inode }) =>
        absolute === path || absolute.startsWith(`${path}/`) || inode === `${stats.dev}:${stats.ino}`,
    );
  }
}

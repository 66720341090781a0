import type { StreamTarget } from "../actor.ts";
import type { Context } from "../context.ts";
import { streamProject } from "./subject.ts";

const KEPT = 10_000;

/** Which project a stream belongs to: that never changes, so each is looked up once. */
export class ProjectLookup {
  readonly #ctx: Context;
  readonly #known = new Map<string, Promise<string>>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** As `streamProject`; no statement for a stream that was seen before. */
  of(target: StreamTarget): Promise<string> {
    const key = `${target.kind}/${target.id}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = streamProject(this.#ctx, target);
    this.#known.set(key, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
    found.catch(() => void (this.#known.get(key) === found && this.#known.delete(key)));
    return found;
  }
}

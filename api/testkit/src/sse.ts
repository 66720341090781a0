import { Queue } from "./deferred.ts";

export interface ServerSentEvent {
  /** "" for a comment. */
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
  /** Pause before coming back that the block sets (ms); absent when it sets none. */
  readonly retry?: number;
}

/** A response of server-sent events, read as they come. */
export class EventReader {
  readonly response: Response;
  readonly events = new Queue<ServerSentEvent>();
  readonly #abort: AbortController;

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#read();
  }

  /** The next event; null when the response is over. */
  next(): Promise<ServerSentEvent | null> {
    return this.events.next();
  }

  /** The next event that is not a comment, its data parsed. */
  async message<T>(): Promise<{ event: string; id: string | null; data: T } | null> {
    for (let event = await this.next(); event; event = await this.next()) {
      if (event.event) return { ...event, data: (event.data ? JSON.parse(event.data) : null) as T };
    }
    return null;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    let text = "";
    try {
      for await (const chunk of (this.response.body ?? new Blob([]).stream()).pipeThrough(
        new TextDecoderStream(),
      )) {
        const blocks = (text + chunk).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) this.events.push(parse(block));
      }
    } catch {
      // Cut off, by us or by the server: what came is all there is.
    }
    this.events.end();
  }
}

function parse(block: string): ServerSentEvent {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const [name = "", ...value] = line.split(":");
    fields.set(name, value.join(":").replace(/^ /, ""));
  }
  const retry = fields.get("retry");
  return {
    event: fields.get("event") ?? "",
    id: fields.get("id") ?? null,
    data: fields.get("data") ?? "",
    ...(retry !== undefined && { retry: Number(retry) }),
  };
}

/** POSTs a subscription and reads what comes. */
export async function openEvents(
  url: string,
  body: { readonly query: string; readonly variables?: Record<string, unknown> },
  headers: Record<string, string> = {},
): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: abort.signal,
  });
  return new EventReader(response, abort);
}

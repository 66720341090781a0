import { setTimeout as sleep } from "node:timers/promises";
import { type EventReader, openEvents } from "@shiplog/testkit/sse";
import { EventSource } from "eventsource";
import { type Data, type End, type Follow, failed, Record, RUN } from "./record.ts";

interface Answer {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

/** Applies an answer; the end that it is, or null. */
function take(record: Record, { data, errors }: Answer): End | null {
  if (errors) return failed(errors);
  if (data) record.apply(data.batch);
  return null;
}

/** A loop around fetch: comes back with the last id whenever a response ends without `complete`. */
export const fetchReader: Follow = (target) => {
  const record = new Record();
  let reader: EventReader | null = null;
  let stopped = false;
  /** Null: it was cut off. */
  const once = async (): Promise<End | null> => {
    const headers: { [name: string]: string } = { authorization: `Bearer ${await target.token()}` };
    if (record.cursor) headers["last-event-id"] = record.cursor;
    const body = { query: RUN, variables: { id: target.execution } };
    reader = await openEvents(target.url, body, headers);
    if (reader.response.status === 204) return "complete";
    if (!reader.response.ok) return { close: reader.response.status };
    record.connections++;
    let end: End | null = null;
    for (;;) {
      const message = await reader.message<Answer>();
      if (!message) {
        record.cut();
        return null;
      }
      if (message.event === "complete") return end ?? "complete";
      end = take(record, message.data) ?? end;
    }
  };
  const run = async () => {
    while (!stopped) {
      const end = await once().catch(() => null);
      if (end) return record.finish(end);
      await sleep(20);
    }
  };
  void run();
  return {
    record,
    stop: () => {
      stopped = true;
      reader?.close();
    },
  };
};

/** An event source comes back by itself and says where it was; `headers` carry the credential. */
function source(credential: (token: string) => { readonly [name: string]: string }): Follow {
  return (target) => {
    const record = new Record();
    const asked = new URLSearchParams({ query: RUN, variables: JSON.stringify({ id: target.execution }) });
    const events = new EventSource(`${target.url}?${asked}`, {
      fetch: async (url, init) =>
        fetch(url, { ...init, headers: { ...init?.headers, ...credential(await target.token()) } }),
    });
    events.addEventListener("open", () => void record.connections++);
    let end: End | null = null;
    events.addEventListener("next", ({ data }) => {
      end = take(record, JSON.parse(data) as Answer) ?? end;
    });
    events.addEventListener("complete", () => {
      events.close();
      record.finish(end ?? "complete");
    });
    events.addEventListener("error", ({ code }) => {
      record.cut();
      if (events.readyState === events.CLOSED)
        record.finish(code === 204 ? "complete" : { close: code ?? 0 });
    });
    return { record, stop: () => events.close() };
  };
}

/** With a token, by a fetch of its own. */
export const eventSource: Follow = source((token) => ({ authorization: `Bearer ${token}` }));

/** As a page does it. */
export const eventSourceCookie: Follow = source((token) => ({ cookie: `shiplog_at=${token}` }));

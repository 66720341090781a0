import { once } from "node:events";
import { setTimeout as later } from "node:timers/promises";
import { WebSocket } from "ws";

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: object;
  readonly result?: object;
  readonly error?: { readonly message: string };
}

/** The DevTools protocol of a browser, and nothing of it that was not asked for. */
class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  /** Nothing is answered any more. */
  #crashed = false;
  readonly #events = new Map<string, (params: object) => void>();
  #last = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
      else if (reply.method === "Inspector.targetCrashed") this.#crash();
      else if (reply.method) this.#events.get(reply.method)?.(reply.params ?? {});
    });
  }

  async send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      if (this.#crashed && sessionId) this.#crash();
      else this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    this.#waiting.delete(id);
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result as T;
  }

  #crash(): void {
    this.#crashed = true;
    for (const answer of this.#waiting.values()) answer({ error: { message: "the page has crashed" } });
  }

  next<T>(method: string): Promise<T> {
    return new Promise((resolve) => this.#events.set(method, resolve as (params: object) => void));
  }

  close(): void {
    this.#socket.close();
  }
}

/**
 * A page that no tool watches: what test drivers switch on (above all the network's events) costs the page's main
 * thread time for each message that it receives.
 */
export interface MeasuredPage {
  /** Until the page at the address is loaded. */
  goTo(url: string): Promise<void>;
  evaluate<T>(expression: string): Promise<T>;
  /** Until the text stands in the page, looked for ten times a second; throws after two minutes. */
  shows(text: string): Promise<void>;
  /** Bytes in use after all garbage was collected. */
  heap(): Promise<number>;
  throttle(rate: number): Promise<void>;
  /** The trace of what happened meanwhile, of all processes of the browser. */
  trace(categories: readonly string[], work: () => Promise<void>): Promise<Buffer>;
  close(): Promise<void>;
}

class PlainPage implements MeasuredPage {
  readonly #tools: DevTools;
  readonly #target: string;
  readonly #session: string;

  constructor(tools: DevTools, target: string, session: string) {
    this.#tools = tools;
    this.#target = target;
    this.#session = session;
  }

  async goTo(url: string): Promise<void> {
    await this.#send("Page.navigate", { url });
    const there = `document.readyState === "complete" && location.href === ${JSON.stringify(url)}`;
    while (!(await this.evaluate<boolean>(there))) await later(100);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#send<{
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    }>("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async shows(text: string): Promise<void> {
    const there = `document.body.textContent.includes(${JSON.stringify(text)})`;
    for (let tries = 0; tries < 1_200; tries++) {
      if (await this.evaluate<boolean>(there)) return;
      await later(100);
    }
    throw new Error(`the page does not show "${text}"`);
  }

  async heap(): Promise<number> {
    await this.#send("HeapProfiler.enable");
    for (let round = 0; round < 3; round++) await this.#send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#send<{ usedSize: number }>("Runtime.getHeapUsage");
    await this.#send("HeapProfiler.disable");
    return usedSize;
  }

  async throttle(rate: number): Promise<void> {
    await this.#send("Emulation.setCPUThrottlingRate", { rate });
  }

  async trace(categories: readonly string[], work: () => Promise<void>): Promise<Buffer> {
    await this.#tools.send("Tracing.start", {
      transferMode: "ReturnAsStream",
      traceConfig: { includedCategories: categories },
    });
    await work();
    const complete = this.#tools.next<{ stream: string }>("Tracing.tracingComplete");
    await this.#tools.send("Tracing.end");
    const { stream } = await complete;
    const parts: Buffer[] = [];
    for (let eof = false; !eof; ) {
      const part = await this.#tools.send<{ data: string; eof: boolean; base64Encoded?: boolean }>(
        "IO.read",
        { handle: stream },
      );
      parts.push(Buffer.from(part.data, part.base64Encoded ? "base64" : "utf8"));
      eof = part.eof;
    }
    await this.#tools.send("IO.close", { handle: stream });
    return Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await this.#tools.send("Target.closeTarget", { targetId: this.#target });
    this.#tools.close();
  }

  #send<T>(method: string, params: object = {}): Promise<T> {
    return this.#tools.send<T>(method, params, this.#session);
  }
}

/** Opens an empty page of 1440 by 900 in the browser whose DevTools listen at the port. */
export async function openPage(port: number): Promise<MeasuredPage> {
  const version = await fetch(`http://127.0.0.1:${port}/json/version`);
  const { webSocketDebuggerUrl } = (await version.json()) as { webSocketDebuggerUrl: string };
  const socket = new WebSocket(webSocketDebuggerUrl, { perMessageDeflate: false, maxPayload: 1 << 30 });
  await once(socket, "open");
  const tools = new DevTools(socket);
  const { targetId } = await tools.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await tools.send<{ sessionId: string }>("Target.attachToTarget", {
    targetId,
    flatten: true,
  });
  await tools.send("Inspector.enable", {}, sessionId);
  const screen = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false };
  await tools.send("Emulation.setDeviceMetricsOverride", screen, sessionId);
  return new PlainPage(tools, targetId, sessionId);
}

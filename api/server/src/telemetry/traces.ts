import { AsyncLocalStorage } from "node:async_hooks";
import type { Attributes, Context } from "@opentelemetry/api";
import { currentCorrelation, type Log } from "@shiplog/core";

export interface TraceOptions {
  /** Base address of an OTLP/HTTP receiver, without a trailing slash. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** The part of traces that begin here which is kept, 0 to 1; those of callers keep their own decision. */
  readonly ratio: number;
  readonly log: Log;
}

type Kind = "internal" | "server" | "client" | "consumer";

export interface OpenSpan {
  /** Runs work whose spans become children of this one. */
  within<T>(work: () => T): T;
  rename(name: string): void;
  set(attributes: Attributes): void;
  end(failed: boolean): void;
}

/** The traces of a process; only there when an exporter is configured. */
export interface Traces {
  /** Begins a span below the current one, else below the trace that the request or job came with. */
  begin(name: string, kind: Kind, attributes?: Attributes): OpenSpan;
  /** Of the current span. */
  traceparent(): string | null;
  /** Sends what is left; bounded, for a receiver that is away must not hold the process. */
  stop(): Promise<void>;
}

const STOP_MS = 1_000;

/** Loads OpenTelemetry, which costs memory and start-up time, and begins to export. */
export async function openTraces(options: TraceOptions): Promise<Traces> {
  const [otel, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const told = (reason: string) => options.log.warn({ reason }, "traces could not be exported");
  const quiet = () => {};
  otel.diag.setLogger(
    { error: told, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    otel.DiagLogLevel.ERROR,
  );
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ "service.name": options.serviceName }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  const tracer = provider.getTracer("shiplog");
  const active = new AsyncLocalStorage<Context>();
  const kinds = {
    internal: otel.SpanKind.INTERNAL,
    server: otel.SpanKind.SERVER,
    client: otel.SpanKind.CLIENT,
    consumer: otel.SpanKind.CONSUMER,
  };

  const remoteParent = (): Context => {
    const [, traceId, spanId, flags] = currentCorrelation()?.traceparent?.split("-") ?? [];
    if (!traceId || !spanId || !flags) return otel.ROOT_CONTEXT;
    const traceFlags = Number.parseInt(flags, 16);
    return otel.trace.setSpanContext(otel.ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  };
  return {
    begin(name, kind, attributes = {}) {
      const parent = active.getStore() ?? remoteParent();
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
      return {
        within: (work) => active.run(otel.trace.setSpan(parent, span), work),
        rename: (better) => void span.updateName(better),
        set: (more) => void span.setAttributes(more),
        end: (failed) => {
          if (failed) span.setStatus({ code: otel.SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    traceparent() {
      const current = otel.trace.getSpanContext(active.getStore() ?? remoteParent());
      if (!current) return null;
      return `00-${current.traceId}-${current.spanId}-${current.traceFlags.toString(16).padStart(2, "0")}`;
    },
    async stop() {
      const shutdown = provider.shutdown().catch((error: unknown) => told(String(error)));
      await Promise.race([shutdown, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    },
  };
}

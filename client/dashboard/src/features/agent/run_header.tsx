import { A, useNavigate } from "@solidjs/router";
import { createSignal, type JSX, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { CopyId } from "../../ui/copy.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { compact, money, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { StatusBadge } from "../../ui/status.tsx";
import { Elapsed, RelTime } from "../../ui/time.tsx";
import { CancelRunDocument, RetryRunDocument } from "./data.ts";
import type { RunState } from "./run_state.ts";

function Fact(props: { label: string; children: JSX.Element; title?: string }) {
  return (
    <div class="flex items-baseline gap-1.5 whitespace-nowrap" title={props.title}>
      <dt class="text-muted">{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Status, task, what it took so far, and what can be done about it. */
export function RunHeader(props: { state: RunState }) {
  const run = () => props.state.run();
  const who = () =>
    run()?.createdBy?.name ?? (run()?.createdByKey ? `key ${run()?.createdByKey?.name}` : "Shiplog");
  const price = () => {
    const unpriced = props.state.unpriced();
    const cost = props.state.cost();
    if (cost === null) return unpriced > 0 ? "no price" : "$0.00";
    return unpriced > 0 ? `${money(cost)} + ${unpriced} without price` : money(cost);
  };
  return (
    <header class="isolate flex flex-col gap-2 border-b border-line bg-panel px-4 py-3 md:px-6">
      <div class="flex min-h-8 flex-wrap items-start gap-x-3 gap-y-2">
        <StatusBadge status={props.state.status()} />
        <h1 class="min-w-0 flex-1 basis-60 text-base leading-6 font-semibold [overflow-wrap:anywhere] max-md:order-last max-md:basis-full">
          {run()?.taskDescription || run()?.agentType}
          <Show when={run()?.contentRemovedAt}>
            {(at) => (
              <span class="ml-2 font-normal text-muted">
                task not kept, removed <RelTime at={at()} />
              </span>
            )}
          </Show>
        </h1>
        <Actions state={props.state} />
      </div>
      <dl class="flex flex-wrap gap-x-5 gap-y-1">
        <Fact label="Agent">{run()?.agentType}</Fact>
        <Fact label="Elapsed">
          <Elapsed from={run()?.startedAt ?? run()?.createdAt} to={run()?.completedAt} />
        </Fact>
        <Show when={props.state.live() || props.state.tokens().input + props.state.tokens().output > 0}>
          <Fact label="Tokens" title="Input (with what came from a cache) and output">
            {compact(props.state.tokens().input)} in · {compact(props.state.tokens().output)} out
          </Fact>
          <Fact label="Cost">{price()}</Fact>
        </Show>
        <Fact label="Started">
          <RelTime at={run()?.createdAt} /> by {who()}
        </Fact>
        <Show when={(run()?.attempt ?? 1) > 1}>
          <Fact label="Taken over">{plural((run()?.attempt ?? 1) - 1, "time")}</Fact>
        </Show>
        <Show when={run()?.retryOf}>
          {(old) => (
            <Fact label="Retry of">
              <A href={`/runs/${old().id}`} class="link">
                {old().status.toLowerCase()} run
              </A>
            </Fact>
          )}
        </Show>
        <Fact label="Id">
          <CopyId value={run()?.id ?? ""} />
        </Fact>
      </dl>
      <Show when={props.state.facts().errorMessage ?? run()?.errorMessage}>
        {(message) => (
          <p class="flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2 [overflow-wrap:anywhere]">
            <Icon name="warn" class="mt-0.5 text-fail" />
            <span>{message()}</span>
          </p>
        )}
      </Show>
    </header>
  );
}

function Actions(props: { state: RunState }) {
  const navigate = useNavigate();
  const [asking, setAsking] = createSignal(false);
  const cancel = createAction(async () => {
    const id = props.state.run()?.id;
    if (!id) return;
    await mutate(CancelRunDocument, { input: { id } });
    setAsking(false);
    props.state.query.refetch();
  });
  const retry = createAction(async () => {
    const id = props.state.run()?.id;
    if (!id) return;
    const { execution } = await mutate(RetryRunDocument, { input: { id } });
    navigate(`/runs/${execution.id}`);
  });
  const cancelling = () => props.state.live() && Boolean(props.state.run()?.cancelRequestedAt);
  return (
    <div class="ml-auto flex flex-wrap items-center justify-end gap-2">
      <Show when={props.state.live() && props.state.run()?.viewerCanCancel && !cancelling()}>
        <Show
          when={asking()}
          fallback={
            <button type="button" class="btn btn-danger" onClick={() => setAsking(true)}>
              <Icon name="stop" /> Cancel
            </button>
          }
        >
          <span class="text-muted">Stop this run?</span>
          <button
            type="button"
            class="btn btn-danger"
            disabled={cancel.pending()}
            onClick={() => void cancel.run()}
          >
            {cancel.pending() ? "Cancelling…" : "Cancel run"}
          </button>
          <button type="button" class="btn btn-quiet" onClick={() => setAsking(false)}>
            Keep running
          </button>
        </Show>
      </Show>
      <Show when={cancelling()}>
        <span class="text-wait" role="status">
          Cancelling…
        </span>
      </Show>
      {/* An external run is started by its own agent: nobody would pick up a new one from here. */}
      <Show when={!props.state.live() && props.state.run()?.viewerCanRetry && !props.state.run()?.external}>
        <button type="button" class="btn" disabled={retry.pending()} onClick={() => void retry.run()}>
          <Icon name="retry" /> {retry.pending() ? "Starting…" : "Run again"}
        </button>
      </Show>
      <ActionError error={cancel.error() ?? retry.error()} />
    </div>
  );
}

import { createMemo, For, type JSX, Match, Show, Switch } from "solid-js";
import { CopyId } from "../../ui/copy.tsx";
import { clockTime, compact, dateTime, duration, money } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json.tsx";
import { Status } from "../../ui/status.tsx";
import { Content } from "./content.tsx";
import { type CallItem, itemOf, type MessageItem, type StatusItem } from "./log.ts";
import type { RunState } from "./run_state.ts";

function Rows(props: { rows: readonly (readonly [string, JSX.Element])[] }) {
  return (
    <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1.5">
      <For each={props.rows.filter(([, value]) => value !== null && value !== undefined && value !== "")}>
        {([label, value]) => (
          <>
            <dt class="whitespace-nowrap text-muted">{label}</dt>
            <dd class="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}

function Part(props: { title: string; children: JSX.Element }) {
  return (
    <section class="flex flex-col gap-2">
      <h3 class="text-xs font-semibold text-muted">{props.title}</h3>
      {props.children}
    </section>
  );
}

/** Everything about what is selected; about the run itself when nothing is. */
export function Inspector(props: { state: RunState; selected: string | null; onClose: () => void }) {
  const item = createMemo(() => (props.selected ? itemOf(props.state.log(), props.selected) : undefined));
  const step = () => props.state.run()?.steps.find((one) => `step:${one.index}` === props.selected);
  const title = () => {
    const one = item();
    if (one?.kind === "call") return "Tool call";
    if (one?.kind === "message") return "Message";
    if (one?.kind === "status") return "Status";
    return step() ? "Step" : "Run";
  };
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div class="flex h-9 shrink-0 items-center border-b border-line px-4">
        <h2 class="font-medium">{title()}</h2>
        <Show when={props.selected}>
          <button
            type="button"
            class="btn btn-quiet btn-icon ml-auto !h-7"
            aria-label="Close and show the run"
            title="Close (Esc)"
            onClick={props.onClose}
          >
            <Icon name="cross" size={14} />
          </button>
        </Show>
      </div>
      <section
        class="flex min-h-0 flex-1 flex-col gap-5 overflow-auto p-4"
        tabindex="0"
        aria-label={`${title()} details`}
      >
        <Switch fallback={<RunPart state={props.state} />}>
          <Match when={item()?.kind === "call" && (item() as CallItem)}>
            {(call) => <CallPart call={call()} live={props.state.live()} />}
          </Match>
          <Match when={item()?.kind === "message" && (item() as MessageItem)}>
            {(message) => <MessagePart message={message()} state={props.state} />}
          </Match>
          <Match when={item()?.kind === "status" && (item() as StatusItem)}>
            {(status) => (
              <Rows
                rows={[
                  ["Status", <Status status={status().status} />],
                  ["At", dateTime(new Date(status().at))],
                  ["Attempt", status().attempt],
                  ["Error", status().errorMessage],
                ]}
              />
            )}
          </Match>
          <Match when={step()}>
            {(one) => (
              <>
                <Rows
                  rows={[
                    ["Name", one().name],
                    ["Started", dateTime(new Date(one().startedAt))],
                    ["Took", duration(Date.parse(one().completedAt) - Date.parse(one().startedAt))],
                  ]}
                />
                <Part title="Output">
                  <JsonView value={one().output} label="output" />
                </Part>
              </>
            )}
          </Match>
        </Switch>
      </section>
    </div>
  );
}

function CallPart(props: { call: CallItem; live: boolean }) {
  const status = () =>
    props.call.ended ? (props.call.ended.ok ? "COMPLETED" : "FAILED") : props.live ? "RUNNING" : "CANCELLED";
  return (
    <>
      <Rows
        rows={[
          ["Tool", <span class="font-mono text-xs">{props.call.tool}</span>],
          ["Outcome", <Status status={status()} />],
          ["Started", clockTime(new Date(props.call.at))],
          [
            "Took",
            props.call.ended &&
              duration(
                props.call.ended.durationMs ?? Date.parse(props.call.ended.at) - Date.parse(props.call.at),
              ),
          ],
          ["Call id", <CopyId value={props.call.id} />],
          ["Called by", props.call.parent && <CopyId value={props.call.parent} />],
          ["Event", `#${props.call.seq}`],
        ]}
      />
      <Part title="Arguments">
        <JsonView value={props.call.args ?? null} label="arguments" />
        <Show when={props.call.argsContentId}>
          {(id) => <Content id={id()} label="Show the whole arguments" />}
        </Show>
      </Part>
      <Show when={props.call.ended}>
        {(ended) => (
          <Part title={ended().ok ? "Result" : "Error"}>
            <JsonView value={ended().result ?? null} label="result" />
            <Show when={ended().contentId}>
              {(id) => <Content id={id()} label="Show the whole result" />}
            </Show>
          </Part>
        )}
      </Show>
    </>
  );
}

const GROWING_BLOCKS = 2;

function MessagePart(props: { message: MessageItem; state: RunState }) {
  // While the text grows its last part is enough; all of it would be written anew with each piece.
  const done = createMemo(() => {
    props.state.log();
    return props.message.done || !props.state.live();
  });
  const text = createMemo(() => {
    props.state.log();
    const { blocks } = props.message;
    return (done() ? blocks : blocks.slice(-GROWING_BLOCKS)).join("");
  });
  return (
    <>
      <Rows
        rows={[
          ["Role", props.message.role],
          ["Began", dateTime(new Date(props.message.at))],
          ["State", done() ? "complete" : "streaming"],
          ["Length", `${text().length.toLocaleString("en")} characters`],
          ["Event", `#${props.message.seq}`],
        ]}
      />
      <Part title={done() ? "Raw text" : "Raw text, the end of it"}>
        <JsonView value={text()} label="message" />
      </Part>
    </>
  );
}

function RunPart(props: { state: RunState }) {
  const run = () => props.state.run();
  const usage = () => run()?.usage;
  // Facts change with each event but text, these hardly ever: without a memo all rows would be made anew.
  const model = createMemo(() => run()?.model ?? props.state.facts().model ?? "none");
  const used = createMemo(
    () =>
      run()?.cost !== null ||
      props.state.facts().usages > 0 ||
      Number(usage()?.inputTokens ?? 0) + Number(usage()?.outputTokens ?? 0) > 0,
  );
  const none = () => (props.state.live() ? "No model was used so far." : "No model was used.");
  return (
    <>
      <Rows
        rows={[
          ["Agent", run()?.agentType],
          ["Runs", run()?.external ? "outside, streamed in" : "in a Shiplog worker"],
          ["Model", model()],
          ["Tool calls", run()?.toolCalls],
          ["Created", run() && dateTime(new Date(run()?.createdAt ?? ""))],
          ["Id", run() && <CopyId value={run()?.id ?? ""} />],
        ]}
      />
      <Part title="Tokens and cost">
        <Show when={used()} fallback={<p class="text-muted">{none()}</p>}>
          <Rows
            rows={[
              ["Input", compact(usage()?.inputTokens ?? 0)],
              ["of it cached", compact(usage()?.cacheReadTokens ?? 0)],
              [
                "Cache writes",
                compact(Number(usage()?.cacheWrite5mTokens ?? 0) + Number(usage()?.cacheWrite1hTokens ?? 0)),
              ],
              ["Output", compact(usage()?.outputTokens ?? 0)],
              ["of it reasoning", compact(usage()?.reasoningTokens ?? 0)],
              ["Cost", money(run()?.cost)],
            ]}
          />
        </Show>
      </Part>
      <Part title="Input">
        <Show
          when={run()?.contentRemovedAt}
          fallback={<JsonView value={run()?.inputData ?? null} label="input" />}
        >
          {(at) => <p class="text-muted">No longer kept, since {dateTime(new Date(at()))}.</p>}
        </Show>
      </Part>
      <Show when={run()?.retries.length}>
        <Part title="Later runs of the same task">
          <For each={run()?.retries}>
            {(retry) => (
              <a href={`/runs/${retry.id}`} class="flex items-center gap-2 hover:underline">
                <Status status={retry.status} />{" "}
                <span class="text-muted">{dateTime(new Date(retry.createdAt))}</span>
              </a>
            )}
          </For>
        </Part>
      </Show>
    </>
  );
}

import { createMemo, type JSX, Match, Show, Switch } from "solid-js";
import { clockTime, duration, wholeDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json.tsx";
import { LazyMarkdown } from "../../ui/lazy_markdown.tsx";
import { lookOf, StatusIcon } from "../../ui/status.tsx";
import { now } from "../../ui/time.tsx";
import { mainArgument, resultLine } from "./call_text.ts";
import { Content } from "./content.tsx";
import { Highlight } from "./highlight.tsx";
import type { CallItem, LogItem, MessageItem, StatusItem } from "./log.ts";

interface Props {
  readonly item: LogItem;
  readonly block: number;
  readonly live: boolean;
  readonly open: boolean;
  readonly selected: boolean;
  readonly search: string;
  readonly onToggle: () => void;
}

function Line(props: {
  item: LogItem;
  selected: boolean;
  children: JSX.Element;
  first?: boolean;
  nested?: boolean;
  class?: string;
}) {
  return (
    <div
      class={`grid grid-cols-[1fr] gap-x-3 border-l-2 px-3 md:grid-cols-[64px_1fr] md:px-4 ${props.selected ? "border-accent-text bg-selected/40" : "border-transparent"} ${props.class ?? ""}`}
    >
      <time class="pt-px font-mono text-xs leading-6 text-faint max-md:hidden" datetime={props.item.at}>
        {props.first === false ? "" : clockTime(new Date(props.item.at))}
      </time>
      <div class={`min-w-0 ${props.nested ? "pl-6" : ""}`}>{props.children}</div>
    </div>
  );
}

/** One row of the log: a piece of a message, a tool call, or a change of status. */
export function LogRowView(props: Props) {
  return (
    <Switch>
      <Match when={props.item.kind === "message" && props.item}>
        {(item) => <MessageRow {...props} item={item()} />}
      </Match>
      <Match when={props.item.kind === "call" && props.item}>
        {(item) => <CallRow {...props} item={item()} />}
      </Match>
      <Match when={props.item.kind === "status" && props.item}>
        {(item) => <StatusRow item={item()} selected={props.selected} />}
      </Match>
    </Switch>
  );
}

function MessageRow(props: Props & { item: MessageItem }) {
  const text = () => props.item.blocks[props.block] ?? "";
  const last = () => props.block === props.item.blocks.length - 1;
  const streaming = () => !props.item.done && last() && props.live;
  // Markdown is parsed once, when the block is closed; what still grows is plain text.
  const rendered = () => props.item.role === "assistant" && (props.item.done || !last()) && !props.search;
  return (
    <Line
      item={props.item}
      selected={props.selected}
      first={props.block === 0}
      class={props.block === 0 ? "pt-2" : ""}
    >
      <Show when={props.block === 0 && props.item.role !== "assistant"}>
        <div class="text-xs font-medium text-muted">{props.item.role}</div>
      </Show>
      <Show
        when={rendered()}
        fallback={
          <div
            class={`text-base leading-[22px] whitespace-pre-wrap [overflow-wrap:anywhere] ${streaming() ? "caret" : ""}`}
          >
            <Highlight text={text()} search={props.search} />
          </div>
        }
      >
        <LazyMarkdown text={text()} />
      </Show>
      <Show when={last() && props.item.contentId}>
        {(id) => <Content id={id()} label="Show the whole message" />}
      </Show>
      <div class={last() ? "h-2" : ""} />
    </Line>
  );
}

function CallRow(props: Props & { item: CallItem }) {
  const status = () =>
    props.item.ended ? (props.item.ended.ok ? "COMPLETED" : "FAILED") : props.live ? "RUNNING" : "CANCELLED";
  const took = () => {
    const ended = props.item.ended;
    if (!ended) return props.live ? wholeDuration(now() - Date.parse(props.item.at)) : "no answer";
    return duration(ended.durationMs ?? Date.parse(ended.at) - Date.parse(props.item.at));
  };
  const argument = createMemo(() => mainArgument(props.item.args));
  return (
    <Line item={props.item} selected={props.selected} nested={props.item.parent !== null}>
      <button
        type="button"
        class="-mx-2 flex min-h-7 w-[calc(100%+16px)] items-center gap-2 rounded px-2 text-left hover:bg-hover"
        aria-expanded={props.open}
        onClick={() => props.onToggle()}
      >
        <Icon name={props.open ? "down" : "chevron"} size={12} class="text-faint" />
        <StatusIcon status={status()} size={14} label />
        <span class="shrink-0 font-mono text-xs font-medium">
          <Highlight text={props.item.tool} search={props.search} />
        </span>
        <span class="min-w-0 flex-1 truncate font-mono text-xs text-muted">
          <Highlight text={argument()} search={props.search} />
        </span>
        <Show when={props.item.ended && !props.item.ended.ok}>
          <span class="max-w-[40%] truncate text-xs text-fail">{resultLine(props.item.ended?.result)}</span>
        </Show>
        <span class="shrink-0 text-xs text-muted">{took()}</span>
      </button>
      <Show when={props.open}>
        <div class="flex flex-col gap-2 pt-1 pb-3">
          <div class="text-xs font-medium text-muted">Arguments</div>
          <JsonView value={props.item.args ?? null} label="arguments" />
          <Show when={props.item.argsContentId}>
            {(id) => <Content id={id()} label="Show the whole arguments" />}
          </Show>
          <Show when={props.item.ended} fallback={<div class="text-xs text-muted">No result yet.</div>}>
            {(ended) => (
              <>
                <div class="text-xs font-medium text-muted">{ended().ok ? "Result" : "Error"}</div>
                <JsonView value={ended().result ?? null} label="result" />
                <Show when={ended().contentId}>
                  {(id) => <Content id={id()} label="Show the whole result" />}
                </Show>
              </>
            )}
          </Show>
        </div>
      </Show>
    </Line>
  );
}

function StatusRow(props: { item: StatusItem; selected: boolean }) {
  return (
    <Line item={props.item} selected={props.selected} class="py-1">
      <div class="flex min-h-6 items-center gap-2 text-muted">
        <StatusIcon status={props.item.status} size={14} still />
        <span>
          {lookOf(props.item.status).word}
          <Show when={props.item.status === "RUNNING" && props.item.attempt > 1}>
            {` again: taken over after a worker was lost (attempt ${props.item.attempt})`}
          </Show>
        </span>
        <Show when={props.item.errorMessage}>
          <span class="text-fail">{props.item.errorMessage}</span>
        </Show>
      </div>
    </Line>
  );
}

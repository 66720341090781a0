import { createComputed, createMemo, createSignal, type JSX, onCleanup, Show, untrack } from "solid-js";
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
import { giveUpTurn, takeTurn } from "./rush.ts";
import { countOf } from "./search.ts";

interface Props {
  readonly item: LogItem;
  readonly block: number;
  readonly index: number;
  /** Changes whenever the log does: messages grow in place. */
  readonly version: () => unknown;
  readonly live: boolean;
  /** False while more comes than anybody reads: then text is shown as it is, without being rendered. */
  readonly calm: boolean;
  readonly following: boolean;
  /** The reader has it before him as plain text. */
  readonly seen: boolean;
  readonly open: boolean;
  readonly selected: boolean;
  /** It tells of something that went wrong. */
  readonly failed: boolean;
  readonly search: string;
  /** The hit in this row that the reader is at. */
  readonly current: number | undefined;
  readonly onToggle: () => void;
}

const TIME = "absolute left-4 pt-px font-mono text-xs leading-6 text-faint max-md:hidden";
/** Digits as the font has them: a canvas, which draws a log that pours, cannot choose others. */
export const TEXT =
  "text-base leading-[22px] whitespace-pre-wrap [overflow-wrap:anywhere] [font-variant-numeric:normal]";

/** Edge, and room for the time before the text. */
export function lineOf(selected: boolean): string {
  return `border-l-2 px-3 md:pr-4 md:pl-[92px] ${selected ? "border-accent-text bg-selected/40" : "border-transparent"}`;
}

/** The caret stands after a text that grows; it does not blink while more comes than anybody reads. */
function textClass(streaming: boolean, calm: boolean): string {
  return `${TEXT} ${streaming ? "caret" : ""} ${calm ? "" : "still"}`;
}

export function messageSpace(block: number, last: boolean): string {
  return `${block === 0 ? "pt-2" : ""} ${last ? "pb-2" : ""}`;
}

export function timeOf(at: string, look: string): JSX.Element {
  return (
    <time class={look} datetime={at}>
      {clockTime(new Date(at))}
    </time>
  );
}

/** Blocks and no grid: in a grid the browser would lay a text out twice to find its width. */
function Line(props: { row: Props; children: JSX.Element; class?: string }) {
  // Rows come by the dozen in a frame: what never changes in one is no part of the reactive graph.
  const { block, item } = untrack(() => props.row);
  return (
    <div data-row={props.row.index} class={`relative ${lineOf(props.row.selected)} ${props.class ?? ""}`}>
      {block === 0 ? timeOf(item.at, TIME) : null}
      {props.children}
    </div>
  );
}

function viewOf(props: Props): JSX.Element {
  switch (props.item.kind) {
    case "message":
      return MessageRow(props as Props & { item: MessageItem });
    case "call":
      return CallRow(props as Props & { item: CallItem });
    case "status":
      return StatusRow(props as Props & { item: StatusItem });
  }
}

/** One row of the log: a piece of a message, a tool call, or a change of status. What it is never changes. */
export function LogRowView(props: Props) {
  return untrack(() => viewOf(props));
}

/**
 * Whether a text is shown rendered: many are spread over frames. What was drawn as plain text changes only while
 * the end is followed, where everything moves anyway: a reader who stopped must not lose his place.
 */
function createTurn(ready: () => boolean, following: () => boolean, seen: boolean): () => boolean {
  const [turn, setTurn] = createSignal(false);
  let follows = false;
  // He may have stopped meanwhile.
  const run = () => {
    if (untrack(ready) && (untrack(following) || !follows)) setTurn(true);
  };
  createComputed((first: boolean) => {
    follows = following();
    if (ready() && !untrack(turn) && (first || follows) && takeTurn(run, follows)) setTurn(true);
    return false;
  }, !seen);
  onCleanup(() => giveUpTurn(run));
  return turn;
}

function MessageRow(props: Props & { item: MessageItem }) {
  const read = <T,>(value: () => T) =>
    createMemo(() => {
      props.version();
      return value();
    });
  const text = read(() => props.item.blocks[props.block] ?? "");
  const last = read(() => props.block === props.item.blocks.length - 1);
  const done = read(() => props.item.done);
  const role = () => {
    done();
    return props.item.role;
  };
  const streaming = () => !done() && last() && props.live;
  // Markdown is parsed once, when the block is closed; what still grows, or is no prose, is plain text.
  const turn = createTurn(
    () => props.item.role === "assistant" && (done() || !last()) && !props.failed && props.calm,
    () => props.following,
    untrack(() => props.seen),
  );
  const rendered = () => turn() && !props.search && !props.failed;
  return (
    <Line row={props} class={messageSpace(props.block, last())}>
      {props.block === 0 && role() !== "assistant" ? (
        <div class="text-xs font-medium text-muted">{role()}</div>
      ) : null}
      <Show
        when={rendered()}
        fallback={
          <div class={textClass(streaming(), props.calm)}>
            <Highlight text={text()} search={props.search} current={props.current} errors={props.failed} />
          </div>
        }
      >
        <LazyMarkdown text={text()} breaks />
      </Show>
      <Show when={last() && props.item.contentId}>
        {(id) => <Content id={id()} label="Show the whole message" />}
      </Show>
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
  /** Hits are counted through the row: those of the argument come after those of the name. */
  const later = () =>
    props.current === undefined ? undefined : props.current - countOf(props.item.tool, props.search);
  return (
    <Line row={props} class={props.item.parent === null ? "" : "!pl-9 md:!pl-[116px]"}>
      <button
        type="button"
        class="-mx-2 flex min-h-7 w-[calc(100%+16px)] items-center gap-2 rounded px-2 text-left hover:bg-hover"
        aria-expanded={props.open}
        onClick={() => props.onToggle()}
      >
        <Icon name={props.open ? "down" : "chevron"} size={12} class="text-faint" />
        <StatusIcon status={status()} size={14} label />
        <span class="shrink-0 font-mono text-xs font-medium">
          <Highlight text={props.item.tool} search={props.search} current={props.current} />
        </span>
        <span class="min-w-0 flex-1 truncate font-mono text-xs text-muted">
          <Highlight text={argument()} search={props.search} current={later()} />
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

function StatusRow(props: Props & { item: StatusItem }) {
  return (
    <Line row={props} class="py-1">
      <div class="flex gap-2 leading-6 text-muted">
        <span class="flex h-6 shrink-0 items-center">
          <StatusIcon status={props.item.status} size={14} still />
        </span>
        <span>
          {lookOf(props.item.status).word}
          <Show when={props.item.status === "RUNNING" && props.item.attempt > 1}>
            {` again: taken over after a worker was lost (attempt ${props.item.attempt})`}
          </Show>
        </span>
        <Show when={props.item.errorMessage}>
          <span class="min-w-0 [overflow-wrap:anywhere] text-fail">
            <Highlight text={props.item.errorMessage ?? ""} search={props.search} current={props.current} />
          </span>
        </Show>
      </div>
    </Line>
  );
}

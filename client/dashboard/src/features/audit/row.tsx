import { A, useSearchParams } from "@solidjs/router";
import { type JSX, Show } from "solid-js";
import type { AuditRowFragment } from "../../gql/graphql.ts";
import { CopyId } from "../../ui/copy.tsx";
import { dateTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json.tsx";
import { Status } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";

/** The status whose icon and colour an outcome shares, and its own word. */
const LOOK: Readonly<Record<string, readonly [string, string]>> = {
  SUCCEEDED: ["SUCCESS", "Succeeded"],
  REFUSED: ["WAITING", "Refused"],
  FAILED: ["FAILED", "Failed"],
};
const ACTORS: Readonly<Record<string, string>> = {
  user: "a person",
  key: "an API key",
  integration: "an integration",
  system: "Shiplog",
  anonymous: "nobody signed in",
};

function who(entry: AuditRowFragment): string {
  return entry.user?.name ?? entry.apiKey?.name ?? ACTORS[entry.actorType] ?? entry.actorType;
}

/** Whom the list can be narrowed to: the key, when one was used, is the narrower of the two. */
export function actorOf(entry: AuditRowFragment): { id: string; name: string } | null {
  const id = entry.userId ?? entry.apiKeyId;
  return id ? { id, name: who(entry) } : null;
}

interface Props {
  readonly entry: AuditRowFragment;
  readonly open: boolean;
  readonly toggle: () => void;
  readonly showProject: boolean;
}

/** One attempt in a line; the rest of it opens below. */
export function AuditRow(props: Props) {
  const [status, word] = LOOK[props.entry.outcome] ?? ["FAILED", props.entry.outcome];
  return (
    <div class="border-b border-line">
      <button
        type="button"
        class="flex min-h-9 w-full items-center gap-3 px-4 text-left hover:bg-hover focus-visible:-outline-offset-2 md:px-6"
        aria-expanded={props.open}
        onClick={() => props.toggle()}
      >
        <Icon name="chevron" size={14} class={`text-muted ${props.open ? "rotate-90" : ""}`} />
        <Status status={status} word={word} class="w-28 max-md:w-auto max-md:[&>span]:sr-only" />
        <code class="min-w-0 truncate text-xs font-medium md:w-56 md:shrink-0">{props.entry.action}</code>
        <span class="min-w-0 flex-1 truncate">
          {who(props.entry)}
          <Show when={props.showProject && props.entry.project}>
            {(project) => <span class="text-muted max-md:hidden"> in {project().name}</span>}
          </Show>
        </span>
        <span class="w-36 truncate text-muted max-lg:hidden">{props.entry.address}</span>
        <RelTime at={props.entry.at} class="w-24 shrink-0 text-right text-muted" />
      </button>
      <Show when={props.open}>
        <Details entry={props.entry} />
      </Show>
    </div>
  );
}

function Details(props: { entry: AuditRowFragment }) {
  const one = () => props.entry;
  return (
    <div class="grid gap-4 border-t border-line bg-bg px-4 py-3 md:px-6 lg:grid-cols-2">
      <dl class="grid grid-cols-[88px_1fr] gap-x-3 gap-y-1 self-start">
        <Fact label="When">{dateTime(new Date(one().at))}</Fact>
        <Fact label="Who">
          {who(one())} <span class="text-muted">{one().user?.email}</span> <Id value={actorOf(one())?.id} />
          <Narrow name="actor" value={actorOf(one())?.id} what="what was done by" />
        </Fact>
        <Show when={one().userId && one().apiKeyId}>
          <Fact label="With key">
            {one().apiKey?.name} <Id value={one().apiKeyId} />
            <Narrow name="actor" value={one().apiKeyId} what="what was done with" />
          </Fact>
        </Show>
        <Show when={one().sessionId}>
          <Fact label="Session">
            <Id value={one().sessionId} />
            <Narrow name="actor" value={one().sessionId} what="what was done in" />
          </Fact>
        </Show>
        <Show when={one().targetType}>
          <Fact label="Target">
            {one().targetType} <Id value={one().targetId} />
            <Narrow name="target" value={one().targetId} what="what was done to" />
          </Fact>
        </Show>
        <Show when={one().projectId}>
          <Fact label="Project">
            <Show when={one().project} fallback={<Id value={one().projectId} />}>
              {(project) => (
                <A href={`/p/${project().slug}`} class="link">
                  {project().name}
                </A>
              )}
            </Show>
          </Fact>
        </Show>
        <Show when={one().address}>
          <Fact label="Address">{one().address}</Fact>
        </Show>
        <Show when={one().userAgent}>
          <Fact label="Program">{one().userAgent}</Fact>
        </Show>
        <Show when={one().requestId}>
          <Fact label="Request">
            <Id value={one().requestId} />
          </Fact>
        </Show>
      </dl>
      <Show when={one().details}>{(details) => <JsonView value={details()} label="details" />}</Show>
    </div>
  );
}

function Fact(props: { label: string; children: JSX.Element }) {
  return (
    <>
      <dt class="text-muted">{props.label}</dt>
      <dd class="min-w-0 [overflow-wrap:anywhere]">{props.children}</dd>
    </>
  );
}

/** Narrows the list to the one thing beside it. */
function Narrow(props: { name: "actor" | "target"; value: string | null | undefined; what: string }) {
  const [params, setParams] = useSearchParams();
  return (
    <Show when={props.value && params[props.name] !== props.value && props.value}>
      {(value) => (
        <button
          type="button"
          class="link ml-2 text-xs"
          aria-label={`Show only ${props.what} ${value()}`}
          onClick={() => setParams({ [props.name]: value() })}
        >
          Show only
        </button>
      )}
    </Show>
  );
}

function Id(props: { value: string | null | undefined }) {
  return <Show when={props.value}>{(value) => <CopyId value={value()} />}</Show>;
}

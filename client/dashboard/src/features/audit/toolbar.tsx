import { useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, Show } from "solid-js";
import type { AuditRowFragment } from "../../gql/graphql.ts";
import { FilterBar } from "../../ui/filters.tsx";
import { shortId } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { DATES, type Params, PERIODS } from "./filter.ts";
import { actorOf } from "./row.tsx";

const TYPING_MS = 250;
const THINGS = [
  { value: "session", label: "Sign-ins" },
  { value: "password", label: "Passwords" },
  { value: "user", label: "Accounts" },
  { value: "invitation", label: "Invitations" },
  { value: "project_member", label: "Members" },
  { value: "api_key", label: "API keys" },
  { value: "integration", label: "Integrations" },
  { value: "project", label: "Project" },
  { value: "project_retention", label: "Retention" },
  { value: "agent_execution", label: "Agent runs" },
  { value: "ai_activity", label: "AI activity" },
  { value: "delivery", label: "Deliveries" },
];

/** What to show: kept in the address, as a whole. `rows` name whom the address knows by id. */
export function Toolbar(props: { rows: readonly AuditRowFragment[]; reload: () => void }) {
  const [params, setParams] = useSearchParams<Params>();
  const [text, setText] = createSignal(params.q ?? "");
  createEffect(
    on(
      text,
      (value) => {
        const timer = setTimeout(() => setParams({ q: value.trim() || null }, { replace: true }), TYPING_MS);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );
  return (
    <div class="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3 max-md:gap-x-2 md:px-6">
      <label class="relative min-w-0 flex-1 max-md:basis-full md:max-w-80 md:basis-60">
        <span class="sr-only">Search the audit log</span>
        <Icon name="search" class="pointer-events-none absolute top-2 left-2.5 text-muted" />
        <input
          type="search"
          class="input !pl-8"
          placeholder="Action, person, address, request id"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <Choice name="thing" label="About" all="Everything" choices={THINGS} />
      <Choice name="days" label="Period" all="Any time" choices={PERIODS} />
      <Show when={params.days === DATES}>
        <div class="flex min-w-0 items-center gap-2 max-md:w-full">
          <Day name="from" label="First day" max={params.to} />
          <span class="text-muted">to</span>
          <Day name="to" label="Last day" min={params.from} />
        </div>
      </Show>
      <FilterBar
        name="outcome"
        label="Outcome"
        choices={[
          { value: "SUCCEEDED", label: "Succeeded" },
          { value: "REFUSED", label: "Refused" },
          { value: "FAILED", label: "Failed" },
        ]}
      />
      <button
        type="button"
        class="btn btn-icon ml-auto"
        aria-label="Read again"
        title="Read again"
        onClick={() => props.reload()}
      >
        <Icon name="retry" />
      </button>
      <Only rows={props.rows} />
    </div>
  );
}

/** Whom and what the list is narrowed to, each with a way back. */
function Only(props: { rows: readonly AuditRowFragment[] }) {
  const [params, setParams] = useSearchParams<Params>();
  const actor = () => props.rows.map(actorOf).find((one) => one?.id === params.actor)?.name;
  const target = () => props.rows.find((one) => one.targetId === params.target)?.targetType;
  return (
    <div class="flex w-full flex-wrap gap-2 empty:hidden">
      <Show when={params.actor}>
        {(id) => <Chip label="Done by" id={id()} name={actor()} clear={() => setParams({ actor: null })} />}
      </Show>
      <Show when={params.target}>
        {(id) => <Chip label="Done to" id={id()} name={target()} clear={() => setParams({ target: null })} />}
      </Show>
    </div>
  );
}

function Chip(props: { label: string; id: string; name: string | null | undefined; clear: () => void }) {
  return (
    <span class="flex min-w-0 items-center gap-1.5 rounded-md bg-raised py-0.5 pr-0.5 pl-2.5 text-sm">
      <span class="text-muted">{props.label}</span>
      <Show when={props.name}>{(name) => <span class="truncate font-medium">{name()}</span>}</Show>
      <code class="text-xs text-muted" title={props.id}>
        {shortId(props.id)}
      </code>
      <button
        type="button"
        class="btn btn-quiet btn-icon"
        aria-label={`No longer only what was ${props.label.toLowerCase()} ${props.name ?? props.id}`}
        onClick={() => props.clear()}
      >
        <Icon name="cross" size={12} />
      </button>
    </span>
  );
}

function Day(props: { name: "from" | "to"; label: string; min?: string; max?: string }) {
  const [params, setParams] = useSearchParams<Params>();
  return (
    <input
      type="date"
      class="input min-w-0 max-md:flex-1 md:!w-auto"
      aria-label={props.label}
      min={props.min}
      max={props.max}
      value={params[props.name] ?? ""}
      onChange={(event) => setParams({ [props.name]: event.currentTarget.value || null }, { replace: true })}
    />
  );
}

function Choice(props: {
  name: string;
  label: string;
  all: string;
  choices: readonly { value: string; label: string }[];
}) {
  const [params, setParams] = useSearchParams();
  return (
    <select
      class="input md:!w-auto max-md:!w-0 max-md:flex-1"
      aria-label={props.label}
      onChange={(event) => setParams({ [props.name]: event.currentTarget.value || null }, { replace: true })}
    >
      <option value="">{props.all}</option>
      {props.choices.map((one) => (
        <option value={one.value} selected={params[props.name] === one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

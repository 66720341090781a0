import { createSignal, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { createPages } from "../../api/pages.ts";
import { useSession } from "../../app/viewer.ts";
import type { AccountRowFragment } from "../../gql/graphql.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError, Empty, ProblemNote, SkeletonRows } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import { PeopleDocument, UpdateUserDocument } from "./data.ts";

type Change = Readonly<{ isAdmin?: boolean; isDisabled?: boolean }>;

/** Everybody who has an account here; closes accounts and says who else looks after the installation. */
export function People() {
  const session = useSession();
  const [search, setSearch] = createSignal("");
  const pages = createPages(
    PeopleDocument,
    () => ({ search: search().trim() || null }),
    (data) => data.users,
  );
  const change = createAction(async (id: string, wanted: Change) => {
    await mutate(UpdateUserDocument, { input: { id, ...wanted } });
    pages.reload();
  });
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div class="flex flex-col gap-2 px-4 py-4 md:px-6">
        <div class="md:max-w-80">
          <TextField
            label="Search people"
            type="search"
            placeholder="Name or email"
            value={search()}
            onText={setSearch}
          />
        </div>
        <ActionError error={change.error()} />
      </div>
      <div class="relative flex min-h-0 flex-1 flex-col border-t border-line bg-panel">
        <Show when={pages.problem()}>
          {(problem) => <ProblemNote problem={problem()} retry={pages.reload} />}
        </Show>
        <Show when={pages.ready()} fallback={<SkeletonRows rows={6} />}>
          <Show
            when={pages.rows.length > 0}
            fallback={
              <Empty title="Nobody found">Nobody here has that in the name or the email address.</Empty>
            }
          >
            <VirtualList rows={pages.rows} label="People" estimate={57} class="flex-1" onNearEnd={pages.more}>
              {(person) => (
                <Person
                  person={person}
                  own={person.id === session.viewer().user?.id}
                  pending={change.pending()}
                  change={(wanted) => void change.run(person.id, wanted)}
                />
              )}
            </VirtualList>
          </Show>
        </Show>
      </div>
    </div>
  );
}

interface PersonProps {
  readonly person: AccountRowFragment;
  /** His own account is for another administrator to change. */
  readonly own: boolean;
  readonly pending: boolean;
  readonly change: (wanted: Change) => void;
}

function Person(props: PersonProps) {
  const disabled = () => Boolean(props.person.disabledAt);
  const toggle = () => props.change({ isAdmin: !props.person.isAdmin });
  return (
    <div class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 md:px-6">
      <span class="min-w-0 flex-1 basis-60">
        <span class="flex items-center gap-2 font-medium">
          <span class="truncate">{props.person.name}</span>
          <Show when={props.person.isAdmin}>
            <Pill tone="run">administrator</Pill>
          </Show>
          <Show when={disabled()}>
            <Pill tone="idle">disabled</Pill>
          </Show>
        </span>
        <span class="block text-muted [overflow-wrap:anywhere]">
          {props.person.email}
          <Show when={props.person.createdAt}>
            {(at) => (
              <>
                , since <RelTime at={at()} />
              </>
            )}
          </Show>
        </span>
      </span>
      <Show when={!props.own}>
        <ConfirmButton
          label={props.person.isAdmin ? "Make no administrator" : "Make administrator"}
          confirm={props.person.isAdmin ? "Take the power away" : "Give the power"}
          pending={props.pending}
          onConfirm={toggle}
        />
        <Show
          when={disabled()}
          fallback={
            <ConfirmButton
              label="Disable"
              confirm="Sign out and keep out"
              pending={props.pending}
              onConfirm={() => props.change({ isDisabled: true })}
            />
          }
        >
          <button
            type="button"
            class="btn btn-quiet"
            disabled={props.pending}
            onClick={() => props.change({ isDisabled: false })}
          >
            Enable
          </button>
        </Show>
      </Show>
    </div>
  );
}

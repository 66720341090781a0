import { createSignal, Show } from "solid-js";
import { createPages } from "../../api/pages.ts";
import type { AuditRowFragment } from "../../gql/graphql.ts";
import { Empty, ProblemNote, SkeletonRows } from "../../ui/feedback.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import { AuditDocument } from "./data.ts";
import { createFilter } from "./filter.ts";
import { AuditRow } from "./row.tsx";
import { Toolbar } from "./toolbar.tsx";

/** The entries of a project, or with null those of the whole installation. */
export function AuditList(props: { projectId: string | null | undefined; denied: string }) {
  const { filter, any } = createFilter();
  const pages = createPages(
    AuditDocument,
    () => (props.projectId === undefined ? null : { projectId: props.projectId, filter: filter() }),
    (data) => data.auditEntries,
  );
  const [opened, setOpened] = createSignal<string>();
  const toggle = (row: AuditRowFragment) => setOpened((id) => (id === row.id ? undefined : row.id));
  return (
    <>
      <Show when={!pages.denied()}>
        <Toolbar rows={pages.rows} reload={pages.reload} />
      </Show>
      <div class="relative flex min-h-0 flex-1 flex-col border-t border-line bg-panel">
        <Show when={pages.problem()}>
          {(problem) => <ProblemNote problem={problem()} retry={pages.reload} />}
        </Show>
        <Show when={pages.ready()} fallback={<SkeletonRows rows={12} />}>
          <Show when={!pages.denied()} fallback={<Empty title="Not for you to see">{props.denied}</Empty>}>
            <Show
              when={pages.rows.length > 0}
              fallback={
                <Show when={!pages.problem()}>
                  <Nothing filtered={any()} />
                </Show>
              }
            >
              <VirtualList
                rows={pages.rows}
                label="Audit log"
                estimate={36}
                class="flex-1"
                onNearEnd={pages.more}
              >
                {(row) => (
                  <AuditRow
                    entry={row}
                    open={opened() === row.id}
                    toggle={() => toggle(row)}
                    showProject={props.projectId === null}
                  />
                )}
              </VirtualList>
            </Show>
          </Show>
        </Show>
      </div>
    </>
  );
}

function Nothing(props: { filtered: boolean }) {
  return (
    <Show
      when={!props.filtered}
      fallback={<Empty title="No entry matches">Change the search or the filters to see more.</Empty>}
    >
      <Empty title="Nothing yet">
        Every attempt to change something appears here: who, what, from where, and how it ended.
      </Empty>
    </Show>
  );
}

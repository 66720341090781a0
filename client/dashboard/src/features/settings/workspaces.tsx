import { For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { Section } from "../../ui/page.tsx";
import { LinkWorkspaceDocument, UnlinkWorkspaceDocument } from "./data.ts";
import type { TabProps } from "./page.tsx";

/** Folders of the server that agents of this project may read; administrators link them. */
export function Workspaces(props: TabProps & { all: readonly string[] }) {
  const linked = (path: string) => props.project.workspaces.includes(path);
  const link = createAction(async (path: string) => {
    const input = { projectId: props.project.id, path };
    if (linked(path)) await mutate(UnlinkWorkspaceDocument, { input });
    else await mutate(LinkWorkspaceDocument, { input });
    props.changed();
  });
  return (
    <Section title="Workspaces">
      <p class="border-b border-line p-4 text-muted">
        Folders of the server that agents may read. The environment variable <code>SHIPLOG_WORKSPACES</code>{" "}
        names them; here you choose which of them members of this project may use. Key files,{" "}
        <code>.env</code> files and the data directory are never read.
      </p>
      <ul>
        <For each={props.all} fallback={<li class="p-4 text-muted">The server names no workspace.</li>}>
          {(path) => (
            <li class="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
              <code class="min-w-0 flex-1 truncate text-xs" title={path}>
                {path}
              </code>
              <Show when={linked(path)}>
                <span class="text-ok">linked</span>
              </Show>
              <button type="button" class="btn" disabled={link.pending()} onClick={() => void link.run(path)}>
                {linked(path) ? "Unlink" : "Link"}
              </button>
            </li>
          )}
        </For>
      </ul>
      <div class="px-4 pb-3 empty:hidden">
        <ActionError error={link.error()} />
      </div>
    </Section>
  );
}

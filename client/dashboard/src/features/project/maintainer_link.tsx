import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { hasRole, useSession } from "../../app/viewer.ts";

/** The one thing that fills an empty page, for who may do it; the others read whom to ask. */
export function MaintainerLink(props: { tab: "integrations" | "keys"; children: string }) {
  const { project } = useSession();
  return (
    <Show
      when={hasRole(project(), "maintainer")}
      fallback={<span class="text-muted">A maintainer of the project can set this up.</span>}
    >
      <A href={`/p/${project()?.slug}/settings/${props.tab}`} class="btn btn-primary">
        {props.children}
      </A>
    </Show>
  );
}

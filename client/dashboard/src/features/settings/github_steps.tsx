import { createSignal, Show } from "solid-js";
import { CopyBlock } from "../../ui/copy.tsx";
import { TextField } from "../../ui/field.tsx";

const EVENTS = [
  "workflow_run",
  "workflow_job",
  "check_run",
  "check_suite",
  "deployment",
  "deployment_status",
  "push",
  "pull_request",
];

function command(repository: string, url: string, secret: string): string {
  const target = repository.includes("/") ? `repos/${repository}` : `orgs/${repository}`;
  return [
    `gh api ${target}/hooks --method POST -f name=web -F active=true \\`,
    `  -f "config[url]=${url}" -f "config[content_type]=json" -f "config[secret]=${secret}" \\`,
    `  ${EVENTS.map((event) => `-f "events[]=${event}"`).join(" ")}`,
  ].join("\n");
}

/** How to point GitHub here: by command or by hand. */
export function GitHubSteps(props: { url: string; secret?: string }) {
  const [repository, setRepository] = createSignal("");
  const target = () => repository().trim() || "OWNER/REPOSITORY";
  return (
    <div class="flex flex-col gap-4">
      <TextField
        label="Repository or organisation"
        placeholder="owner/repository, or owner for all of an organisation"
        value={repository()}
        onText={setRepository}
      />
      <div class="flex flex-col gap-1.5">
        <h3 class="font-medium">With the GitHub CLI</h3>
        <CopyBlock value={command(target(), props.url, props.secret ?? "$SECRET")} label="Copy the command" />
        <Show when={!props.secret}>
          <p class="text-xs text-muted">
            Put the secret that was shown at creation in place of <code>$SECRET</code>. If it is lost, remove
            this integration and connect again.
          </p>
        </Show>
      </div>
      <div class="flex flex-col gap-1.5">
        <h3 class="font-medium">By hand</h3>
        <ol class="ml-5 list-decimal text-muted">
          <li>In GitHub, open Settings, Webhooks, Add webhook.</li>
          <li>Paste this payload URL, choose application/json, and paste the secret.</li>
          <li>Send everything, or choose: {EVENTS.join(", ")}.</li>
        </ol>
        <CopyBlock value={props.url} label="Copy the payload URL" />
      </div>
    </div>
  );
}

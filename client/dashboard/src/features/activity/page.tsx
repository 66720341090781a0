import { useParams } from "@solidjs/router";
import { createEffect, For, type JSX, Show } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { useSession } from "../../app/viewer.ts";
import { CopyId } from "../../ui/copy.tsx";
import { ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { compact, money } from "../../ui/format.ts";
import { LazyMarkdown } from "../../ui/lazy_markdown.tsx";
import { PageHeader, Section } from "../../ui/page.tsx";
import { RelTime } from "../../ui/time.tsx";
import { webUrl } from "../pipeline/deployment_row.tsx";
import { ActivityDocument } from "./data.ts";
import { Diff } from "./diff.tsx";
import { toolName } from "./tools.ts";

export default function ActivityPage() {
  const params = useParams<{ id: string }>();
  const session = useSession();
  const query = createQuery(ActivityDocument, () => ({ id: params.id }));
  const activity = () => {
    const node = query.data()?.node;
    return node?.__typename === "AIActivity" ? node : null;
  };
  createEffect(() => {
    const slug = activity()?.project.slug;
    if (slug) session.setProject(slug);
  });
  createCrumbs(() => {
    const project = activity()?.project;
    if (!project) return [{ label: "AI activity" }];
    return [
      { label: project.name, href: `/p/${project.slug}` },
      { label: "AI activity", href: `/p/${project.slug}/activity` },
      { label: toolName(activity()?.tool ?? "") },
    ];
  });
  return (
    <Show when={!query.data() || activity()} fallback={<NotFound what="activity" />}>
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={activity()} fallback={<SkeletonText lines={10} />}>
        {(one) => (
          <>
            <PageHeader
              title={`${toolName(one().tool)}, ${one().category.toLowerCase()}`}
              note={
                <>
                  {one().user?.name ?? one().apiKey?.name ?? "unknown"}, <RelTime at={one().occurredAt} />
                </>
              }
            />
            <div class="grid gap-4 px-4 pb-6 md:px-6 xl:grid-cols-[minmax(0,1fr)_320px]">
              <div class="flex min-w-0 flex-col gap-4">
                <Section title="Prompt">
                  <Text text={one().prompt} none="The prompt was not kept." />
                </Section>
                <Section title="Response">
                  <Text text={one().response} none="The response was not kept." />
                </Section>
                <Show when={one().codeChanges.length > 0}>
                  <Section title={`Code changes (${one().codeChanges.length})`}>
                    <For each={one().codeChanges}>{(change) => <Diff change={change} />}</For>
                  </Section>
                </Show>
              </div>
              <Section title="Details" class="self-start">
                <dl class="grid grid-cols-[120px_1fr] gap-x-3 gap-y-1.5 p-4">
                  <Fact label="Model">{one().model ?? "unknown"}</Fact>
                  <Fact label="Cost">{money(one().cost)}</Fact>
                  <Show when={one().costReported !== null && one().costReported !== one().cost}>
                    <Fact label="as reported">{money(one().costReported)}</Fact>
                  </Show>
                  <Fact label="Input">{compact(one().usage.inputTokens)} tokens</Fact>
                  <Fact label="of it cached">{compact(one().usage.cacheReadTokens)}</Fact>
                  <Fact label="Cache writes">
                    {compact(Number(one().usage.cacheWrite5mTokens) + Number(one().usage.cacheWrite1hTokens))}
                  </Fact>
                  <Fact label="Output">{compact(one().usage.outputTokens)} tokens</Fact>
                  <Fact label="of it reasoning">{compact(one().usage.reasoningTokens)}</Fact>
                  <Fact label="Decision">{one().decision ?? "not recorded"}</Fact>
                  <Show when={one().sessionId}>
                    {(id) => (
                      <Fact label="Session">
                        <CopyId value={id()} text={id().slice(0, 13)} />
                      </Fact>
                    )}
                  </Show>
                  <Show when={one().commitSha}>
                    {(sha) => (
                      <Fact label="Commit">
                        <Show
                          when={webUrl(one().commit?.url)}
                          fallback={<code class="text-xs">{sha().slice(0, 7)}</code>}
                        >
                          {(url) => (
                            <a
                              href={url()}
                              target="_blank"
                              rel="noopener noreferrer"
                              class="link font-mono text-xs"
                            >
                              {sha().slice(0, 7)}
                            </a>
                          )}
                        </Show>
                        <span class="block truncate text-muted">{one().commit?.subject}</span>
                      </Fact>
                    )}
                  </Show>
                  <Fact label="Id">
                    <CopyId value={one().id} />
                  </Fact>
                </dl>
              </Section>
            </div>
          </>
        )}
      </Show>
    </Show>
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

function Text(props: { text: string | null; none: string }) {
  return (
    <Show when={props.text} fallback={<p class="p-4 text-muted">{props.none}</p>}>
      {(text) => <LazyMarkdown text={text()} class="p-4" />}
    </Show>
  );
}

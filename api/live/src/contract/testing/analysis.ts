import { signIn } from "@shiplog/testkit/api";
import { ROOT } from "@shiplog/testkit/structure/sources";

const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;

/** A run for a worker to carry out, asked for over HTTP by the owner; and his token. */
export async function startAnalysis(base: string): Promise<{ execution: string; token: string }> {
  const { token, graphql } = await signIn(base);
  const input = { name: "Worked", slug: `worked-${crypto.randomUUID()}` };
  const { createProject } = await graphql<{ createProject: { project: { id: string } } }>(CREATE, { input });
  const started = await fetch(`${base}/api/v1/agents/analyze`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ projectId: createProject.project.id, path: `${ROOT}/schema` }),
  });
  if (started.status !== 202) throw new Error(`not started: ${started.status} ${await started.text()}`);
  const { data } = (await started.json()) as { data: { id: string } };
  return { execution: data.id, token };
}

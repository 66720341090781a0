import { type ApiClient, apiClient } from "./api.ts";

const CREATE_KEY = `mutation($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { ... on CreateApiKeyPayload { secret } ... on Error { message } }
}`;
const START = `mutation($input: StartAgentExecutionInput!) {
  startAgentExecution(input: $input) {
    ... on StartAgentExecutionPayload { execution { id } }
    ... on Error { message }
  }
}`;
const APPEND = `mutation($input: AppendAgentExecutionEventsInput!) {
  appendAgentExecutionEvents(input: $input) {
    ... on AppendAgentExecutionEventsPayload { status }
    ... on Error { message }
  }
}`;
const FINISH = `mutation($input: FinishAgentExecutionInput!) {
  finishAgentExecution(input: $input) { __typename ... on Error { message } }
}`;

/** A run of an agent that is not ours, written by the public API as such an agent writes it. */
export interface ExternalRun {
  readonly id: string;
  /** Throws when the server did not take the events. */
  append(events: readonly object[]): Promise<void>;
  finish(status?: "COMPLETED" | "FAILED", outputData?: unknown): Promise<void>;
}

/** A caller with a key that may write runs of the project. */
export async function agentKey(url: string, owner: ApiClient, projectId: string): Promise<ApiClient> {
  const { createApiKey } = await owner.graphql<{ createApiKey: { secret: string } }>(CREATE_KEY, {
    input: { projectId, name: "agent", scopes: ["agent:write"] },
  });
  return apiClient(url, createApiKey.secret);
}

export async function startExternalRun(
  agent: ApiClient,
  projectId: string,
  taskDescription: string,
): Promise<ExternalRun> {
  const { startAgentExecution } = await agent.graphql<{
    startAgentExecution: { execution: { id: string } };
  }>(START, { input: { projectId, agentType: "writer", taskDescription, external: true } });
  const { id } = startAgentExecution.execution;
  return {
    id,
    async append(events) {
      const answer = await agent.graphql<{ appendAgentExecutionEvents: { message?: string } }>(APPEND, {
        input: { id, events },
      });
      const { message } = answer.appendAgentExecutionEvents;
      if (message) throw new Error(message);
    },
    async finish(status = "COMPLETED", outputData = {}) {
      await agent.graphql(FINISH, { input: { id, status, outputData } });
    },
  };
}

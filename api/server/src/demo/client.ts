import { createHmac, randomUUID } from "node:crypto";
import type { Delivery } from "./github.ts";

/** What the demo got when its project was made; the same things that any integrator holds. */
export interface DemoKeys {
  /** Where this process listens, e.g. http://127.0.0.1:4000. */
  readonly baseUrl: string;
  /** Path and secret of the project's GitHub integration. */
  readonly webhookPath: string;
  readonly webhookSecret: string;
  readonly apiKey: string;
  /** Public id. */
  readonly projectId: string;
}

/** Speaks to the public routes only, as GitHub and an external agent would. */
export interface DemoClient {
  readonly projectId: string;
  deliver(delivery: Delivery): Promise<void>;
  /** Posts a GraphQL document; throws on any error. */
  graphql<T>(query: string, variables: object): Promise<T>;
  post(path: string, body: object): Promise<void>;
}

export function createDemoClient(keys: DemoKeys): DemoClient {
  const bearer = { authorization: `Bearer ${keys.apiKey}`, "content-type": "application/json" };
  return {
    projectId: keys.projectId,
    async deliver({ event, payload }) {
      const body = JSON.stringify(payload);
      const signature = createHmac("sha256", keys.webhookSecret).update(body).digest("hex");
      const response = await fetch(keys.baseUrl + keys.webhookPath, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "GitHub-Hookshot/demo",
          "x-github-event": event,
          "x-github-delivery": randomUUID(),
          "x-hub-signature-256": `sha256=${signature}`,
        },
        body,
      });
      if (response.status !== 202)
        throw new Error(`webhook answered ${response.status}: ${await response.text()}`);
    },
    async graphql(query, variables) {
      const response = await fetch(`${keys.baseUrl}/graphql`, {
        method: "POST",
        headers: bearer,
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as { data?: unknown; errors?: unknown };
      if (!answer.data || answer.errors) throw new Error(`GraphQL answered ${JSON.stringify(answer.errors)}`);
      return answer.data as never;
    },
    async post(path, body) {
      const response = await fetch(keys.baseUrl + path, {
        method: "POST",
        headers: bearer,
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    },
  };
}

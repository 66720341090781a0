import { createHmac, randomUUID } from "node:crypto";
import { OWNER } from "./process.ts";

/** A caller of a running Shiplog, by its public routes. */
export interface ApiClient {
  readonly token: string;
  /** The data; throws when the answer has errors. */
  graphql<T = Record<string, never>>(query: string, variables?: object): Promise<T>;
}

export function apiClient(url: string, token: string): ApiClient {
  return {
    token,
    async graphql(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as { data?: unknown; errors?: unknown };
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return answer.data as never;
    },
  };
}

/** Signs in over REST. */
export async function signIn(
  url: string,
  person: { email: string; password: string } = OWNER,
): Promise<ApiClient> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: person.email, password: person.password }),
  });
  const { data } = (await response.json()) as { data: { accessToken: string } };
  return apiClient(url, data.accessToken);
}

export interface WebhookTarget {
  readonly webhookUrl: string;
  readonly secret: string;
}

/** Posts a signed delivery as GitHub does. */
export function postDelivery(target: WebhookTarget, event: string, payload: object): Promise<Response> {
  const body = JSON.stringify(payload);
  return fetch(target.webhookUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", target.secret).update(body).digest("hex")}`,
    },
    body,
  });
}

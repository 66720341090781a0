import type { Context } from "@shiplog/core";
import { ensureOwner } from "@shiplog/core/account";
import { createRestApp, type RestOptions } from "../app.ts";
import type { RestApp } from "../http/env.ts";

export const OWNER = { email: "owner@example.org", password: "correct horse battery" };

export interface RestClient {
  readonly app: RestApp;
  /** Posts JSON; the answer's body is parsed. */
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Signs the owner in. */
  login(): Promise<SignedInClient>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers and fail when something is missing
  readonly body: any;
  /** Set-Cookie values by name. */
  readonly cookies: ReadonlyMap<string, string>;
}

interface SignedInClient {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** A Cookie header with both cookies. */
  readonly cookie: string;
}

/** The whole app on a database that has an owner. */
export async function restClient(ctx: Context, options: RestOptions = {}): Promise<RestClient> {
  const app = createRestApp(ctx, options);
  await ensureOwner(ctx, OWNER);
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await app.request(path, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    const cookies = new Map(
      response.headers.getSetCookie().map((line) => [line.slice(0, line.indexOf("=")), line] as const),
    );
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : text,
      cookies,
    };
  };
  const post: RestClient["post"] = (path, body, headers = {}) =>
    send(path, {
      method: "POST",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    app,
    post,
    get: (path, headers = {}) => send(path, { headers }),
    async login() {
      const { body, cookies } = await post("/api/v1/auth/login", OWNER);
      const cookie = [...cookies.values()].map((line) => line.slice(0, line.indexOf(";"))).join("; ");
      return { accessToken: body.data.accessToken, refreshToken: body.data.refreshToken, cookie };
    },
  };
}

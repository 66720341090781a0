import { UserError } from "./problem.ts";

interface Envelope<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly code?: string; readonly message?: string }[] | null;
}

/** What the REST API says no with. */
export class RestError extends UserError {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function waitOf(response: Response): string {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  if (seconds <= 0) return "Wait a moment, then try again.";
  return seconds < 90
    ? `Try again in ${seconds} seconds.`
    : `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

function messageOf(response: Response, said: string | undefined): string {
  if (response.status === 429) return `Too many attempts. ${waitOf(response)}`;
  if (response.status === 503) return `${said ?? "The server is busy."} ${waitOf(response)}`;
  return said ?? `The server answered ${response.status}.`;
}

/** A POST of the REST API (a GET without a body when `method` says so); its data, or a RestError. */
export async function callRest<Data>(
  path: string,
  body?: Readonly<Record<string, unknown>>,
  method: "POST" | "GET" = "POST",
): Promise<Data> {
  let response: Response;
  let answer: Envelope<Data>;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { "content-type": "application/json", accept: "application/json" },
      ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
    });
    answer = (await response.json().catch(() => ({}))) as Envelope<Data>;
  } catch {
    throw new RestError("NETWORK", "The server cannot be reached. Nothing was changed.");
  }
  const [error] = answer.errors ?? [];
  if (!response.ok) throw new RestError(error?.code ?? "ERROR", messageOf(response, error?.message));
  return answer.data as Data;
}

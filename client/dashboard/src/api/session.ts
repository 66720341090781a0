/** The session as the browser holds it: httpOnly cookies that this code never sees. */
type Listener = () => void;
const lost = new Set<Listener>();

/** Called when the session is over and cannot be renewed. */
export function onSessionLost(listener: Listener): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

let refreshing: Promise<boolean> | null = null;
let refreshedAt = 0;

async function rotate(since: number): Promise<boolean> {
  // Another tab may have rotated while this one waited for the lock: its cookies are this tab's too.
  const other = Number(localStorage.getItem("shiplog.refreshed") ?? 0);
  if (other > since) return true;
  const response = await fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
  if (response.ok) localStorage.setItem("shiplog.refreshed", String(Date.now()));
  return response.ok;
}

/** Renews the access cookie: one request at a time, over all tabs. False when the session is over. */
function refresh(): Promise<boolean> {
  const since = Date.now();
  refreshing ??= (async () => {
    try {
      return "locks" in navigator
        ? await navigator.locks.request("shiplog.refresh", () => rotate(since))
        : await rotate(since);
    } catch {
      return false;
    } finally {
      refreshedAt = Date.now();
      refreshing = null;
    }
  })();
  return refreshing;
}

/** Whether this browser signed in and did not sign out: a visitor without a session needs no renewal. */
const SIGNED_IN = "shiplog.signedIn";

/** Ends the session here when it cannot be renewed; true when it goes on. */
export async function renewOrEnd(): Promise<boolean> {
  const renewed = localStorage.getItem(SIGNED_IN) !== null && (await refresh());
  if (!renewed) for (const listener of lost) listener();
  return renewed;
}

async function unauthenticated(response: Response): Promise<boolean> {
  if (response.status === 401) return true;
  const text = await response.clone().text();
  return text.includes('"UNAUTHENTICATED"');
}

/** Adds the cookie, and renews it once when the server says that it has run out. */
export async function authFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const options: RequestInit = { ...init, credentials: "same-origin" };
  const sentAt = Date.now();
  const response = await fetch(input, options);
  if (!(await unauthenticated(response))) return response;
  const renewed = refreshedAt > sentAt || (await renewOrEnd());
  return renewed ? fetch(input, options) : response;
}

/** A call of the REST API, in its envelope. */
async function post(path: string, body?: unknown): Promise<Response> {
  return fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body ?? {}),
  });
}

/** Null on success, else what to tell the person. */
export async function login(email: string, password: string): Promise<string | null> {
  try {
    const response = await post("/api/v1/auth/login", { email, password });
    if (response.ok) {
      localStorage.setItem(SIGNED_IN, "1");
      return null;
    }
    if (response.status === 401) return "That email and password do not match. Check both and try again.";
    if (response.status === 429) return "Too many attempts. Wait a minute, then try again.";
    const answer = (await response.json()) as { errors?: { message?: string }[] };
    return answer.errors?.[0]?.message ?? `The server answered ${response.status}.`;
  } catch {
    return "The server cannot be reached. Is Shiplog running?";
  }
}

export async function logout(): Promise<void> {
  localStorage.removeItem(SIGNED_IN);
  await post("/api/v1/auth/logout").catch(() => undefined);
}

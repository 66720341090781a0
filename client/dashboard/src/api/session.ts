import { callRest } from "./rest.ts";

/** The session as the browser holds it: httpOnly cookies that this code never sees. True: there was one before. */
type Listener = (ended: boolean) => void;
const lost = new Set<Listener>();

/** Called when the session is over and cannot be renewed, or another tab logged out. */
export function onSessionLost(listener: Listener): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key === SIGNED_IN && event.newValue === null) listener(true);
  };
  lost.add(listener);
  addEventListener("storage", elsewhere);
  return () => {
    lost.delete(listener);
    removeEventListener("storage", elsewhere);
  };
}

/** Only the server's no ends a session; a server that is away or busy says nothing about it. */
type Renewal = "renewed" | "over" | "unknown";
let refreshing: Promise<Renewal> | null = null;
let refreshedAt = 0;

async function rotate(since: number): Promise<Renewal> {
  // Another tab may have rotated while this one waited for the lock: its cookies are this tab's too.
  const other = Number(localStorage.getItem("shiplog.refreshed") ?? 0);
  if (other > since) return "renewed";
  const response = await fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
  if (response.ok) localStorage.setItem("shiplog.refreshed", String(Date.now()));
  if (response.ok) return "renewed";
  return [400, 401, 403].includes(response.status) ? "over" : "unknown";
}

/** Renews the access cookie: one request at a time, over all tabs. */
function refresh(): Promise<Renewal> {
  const since = Date.now();
  refreshing ??= (async () => {
    try {
      return "locks" in navigator
        ? await navigator.locks.request("shiplog.refresh", () => rotate(since))
        : await rotate(since);
    } catch {
      return "unknown";
    } finally {
      refreshedAt = Date.now();
      refreshing = null;
    }
  })();
  return refreshing;
}

/** Whether this browser signed in and did not sign out: a visitor without a session needs no renewal. */
const SIGNED_IN = "shiplog.signedIn";

async function renew(): Promise<Renewal> {
  const before = localStorage.getItem(SIGNED_IN) !== null;
  const renewal = before ? await refresh() : "over";
  if (renewal === "over") for (const listener of lost) listener(before);
  return renewal;
}

/** Ends the session here when the server says that it is over; true when it was renewed. */
export async function renewOrEnd(): Promise<boolean> {
  return (await renew()) === "renewed";
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
  const renewal = refreshedAt > sentAt ? "renewed" : await renew();
  if (renewal === "unknown") throw new TypeError("The session cannot be renewed now.");
  return renewal === "renewed" ? fetch(input, options) : response;
}

/** This browser is signed in, by whatever way: its session is worth renewing. */
export function markSignedIn(): void {
  localStorage.setItem(SIGNED_IN, "1");
}

/** The server ended the session, and this tab goes to another page: nothing is left to renew, and nobody to tell. */
export function markSignedOut(): void {
  localStorage.removeItem(SIGNED_IN);
  lost.clear();
  // A browser may keep the page that is left, and show it to whoever goes back.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

export async function logout(): Promise<void> {
  markSignedOut();
  await callRest("/api/v1/auth/logout").catch(() => undefined);
}

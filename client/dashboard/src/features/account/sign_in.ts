import { callRest } from "../../api/rest.ts";
import { markSignedIn } from "../../api/session.ts";

/** Signs in with a password. Throws a RestError in words for the person. */
export async function signIn(email: string, password: string): Promise<void> {
  await callRest("/api/v1/auth/login", { email: email.trim(), password });
  markSignedIn();
}

/** Only addresses of our own are followed after sign-in. */
export function ownPath(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

/** A link's secret stands behind the #, which no server sees; it leaves the address bar and the history at once. */
export function takeLinkToken(keepAs: string): string {
  const fresh = location.hash.slice(1);
  if (fresh) {
    sessionStorage.setItem(keepAs, fresh);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return fresh || (sessionStorage.getItem(keepAs) ?? "");
}

const REASONS: Readonly<Record<string, string>> = {
  expired: "This sign-in was begun in another browser, or took too long. Begin again.",
  refused: "The provider did not let you in.",
  failed: "What the provider answered does not hold. Try again; if it stays, tell your administrator.",
  not_invited:
    "Nobody here knows this account. Ask for an invitation, or log in with your password and link it.",
  email_taken: "Somebody has that address already. Log in as before, then link the provider in your account.",
  email_unverified: "The provider does not vouch for an email address of yours.",
  linked_elsewhere: "That account is linked to somebody else here.",
  invitation_not_valid: "The invitation was accepted, replaced or revoked, or has run out.",
  disabled: "This account is disabled, or no longer there.",
};

/** Why a sign-in through a provider came to nothing; null without a reason. */
export function reasonOf(code: unknown): string | null {
  if (typeof code !== "string" || code === "") return null;
  return REASONS[code] ?? "The sign-in did not work. Begin again.";
}

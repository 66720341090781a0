import { DomainError } from "../../errors.ts";

/** The providers that can be configured; the names stand in URLs, sessions and the database. */
export const PROVIDER_NAMES = ["oidc", "github"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What one sign-in is held together by; made by us, kept in the browser that began it. */
export interface Attempted {
  /** Comes back in the callback's URL. */
  readonly state: string;
  /** Comes back inside the ID token. */
  readonly nonce: string;
  /** Proves to the provider that the code is redeemed by whoever asked for it (PKCE). */
  readonly verifier: string;
  readonly redirectUri: string;
}

/** Who somebody is by a provider's word. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Login or e-mail, for people to read. */
  readonly label: string;
  readonly name: string | null;
  /** Null unless the provider says that it verified it. Never finds anybody; it names a new account. */
  readonly email: string | null;
}

/** A provider that people sign in with: authorization code with PKCE. */
export interface IdentityProvider {
  readonly name: ProviderName;
  /** On the button. */
  readonly label: string;
  /** Where the browser is sent. Throws ProviderFailedError. */
  authorizationUrl(attempt: Attempted): Promise<URL>;
  /** Redeems the code in the callback's query. Throws ProviderFailedError and SignInRefusedError. */
  identify(query: URLSearchParams, attempt: Attempted): Promise<ProvenIdentity>;
}

export interface ProviderOptions {
  readonly clientId: string;
  /** Undefined: a public client, PKCE alone. */
  readonly clientSecret?: string;
  /** Requests to the provider go through it. */
  readonly fetch: typeof fetch;
}

/** Words for the page that the browser comes back to. */
export type SignInFailure =
  | "expired"
  | "refused"
  | "failed"
  | "not_invited"
  | "email_taken"
  | "email_unverified"
  | "linked_elsewhere"
  | "invitation_not_valid"
  | "disabled";

/** The provider cannot be reached, or what it answered does not hold; the log says why. */
export class ProviderFailedError extends DomainError {
  readonly code = "PROVIDER_FAILED";
  readonly status = 503;
  override readonly name = "ProviderFailedError";
  constructor(cause: unknown) {
    super("The sign-in provider cannot be used at the moment.");
    this.cause = cause;
  }
}

const MESSAGES: Readonly<Record<SignInFailure, string>> = {
  expired: "This sign-in was begun in another browser, is over, or took too long. Begin again.",
  refused: "The provider did not let you in.",
  failed: "What the provider answered does not hold.",
  not_invited:
    "Nobody here knows this account. Ask for an invitation, or sign in and link it in your settings.",
  email_taken:
    "Somebody has that e-mail address already. Sign in as before and link the provider in your settings.",
  email_unverified: "The provider does not vouch for an e-mail address of yours.",
  linked_elsewhere: "That account is linked to somebody else.",
  invitation_not_valid: "The invitation was accepted, replaced or revoked, or has run out.",
  disabled: "This account is disabled, or no longer there.",
};

/** A sign-in through a provider came to nothing; `why` is for programs. */
export class SignInRefusedError extends DomainError {
  readonly code = "SIGN_IN_REFUSED";
  readonly status = 403;
  override readonly name = "SignInRefusedError";
  readonly why: SignInFailure;
  constructor(why: SignInFailure, cause?: unknown) {
    super(MESSAGES[why]);
    this.why = why;
    this.cause = cause;
  }
}

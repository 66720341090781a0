import { createHash } from "node:crypto";
import { z } from "zod";
import type { UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { readInvitation } from "../invitation/accept.ts";
import { isUniqueViolation } from "../users.ts";
import {
  type Attempted,
  type IdentityProvider,
  PROVIDER_NAMES,
  type ProvenIdentity,
  SignInRefusedError,
} from "./provider.ts";

/** How long somebody may take at the provider. */
export const SIGN_IN_MS = 10 * 60_000;
const BIND = "sign_in|attempt";

const kept = z.object({
  provider: z.enum(PROVIDER_NAMES),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Who links the provider to his account; null: a sign-in. */
  link: z.object({ userId: z.string(), sessionId: z.string() }).nullable(),
  /** The token of the invitation that the sign-in accepts; null: none. */
  invitation: z.string().nullable(),
  expiresAt: z.number(),
});
type Kept = z.output<typeof kept>;

export interface BeginSignIn {
  /** A path of this server; see `isOwnPath`. */
  readonly returnTo: string;
  /** Links the provider to this person's account instead of signing in. */
  readonly link: UserActor | null;
  /** The token of an invitation's link that is accepted by signing in. */
  readonly invitation: string | null;
}

export interface BegunSignIn {
  /** Where the browser goes. */
  readonly url: URL;
  /** For a cookie of the browser that begins; whoever has it not cannot finish. Sealed, holds nothing to use up. */
  readonly sealed: string;
}

/** Begins a sign-in: nothing is stored. Throws ProviderFailedError, LinkNotValidError. */
export async function beginSignIn(
  ctx: Context,
  provider: IdentityProvider,
  { returnTo, link, invitation }: BeginSignIn,
): Promise<BegunSignIn> {
  if (invitation !== null) await readInvitation(ctx, invitation);
  const secret = () => ctx.randomBytes(32).toString("base64url");
  const attempt: Kept = {
    provider: provider.name,
    state: secret(),
    nonce: secret(),
    verifier: secret(),
    returnTo,
    link: link && { userId: link.userId, sessionId: link.sessionId },
    invitation,
    expiresAt: ctx.clock.now().getTime() + SIGN_IN_MS,
  };
  const url = await provider.authorizationUrl(attempted(ctx, attempt));
  return { url, sealed: ctx.secrets.seal(Buffer.from(JSON.stringify(attempt)), BIND).toString("base64url") };
}

/** What a browser that came back had begun. */
interface Returned {
  readonly returnTo: string;
  readonly link: Kept["link"];
  readonly invitation: Kept["invitation"];
  /** Redeems the code. Throws SignInRefusedError, ProviderFailedError. */
  identify(): Promise<ProvenIdentity>;
}

/**
 * The attempt that a callback ends, once: it must be that of the browser's cookie, of this provider, and not over.
 * Throws SignInRefusedError ("expired") otherwise, before anything is sent to the provider.
 */
export async function returnedSignIn(
  ctx: Context,
  provider: IdentityProvider,
  { sealed, query }: { readonly sealed: string | null; readonly query: URLSearchParams },
): Promise<Returned> {
  const attempt = sealed && unseal(ctx, sealed);
  const now = ctx.clock.now().getTime();
  // Another provider's callback must not end it: its answer would be taken for this one's.
  if (!attempt || attempt.provider !== provider.name || attempt.expiresAt <= now) {
    throw new SignInRefusedError("expired");
  }
  if (query.get("state") !== attempt.state) throw new SignInRefusedError("expired");
  await spend(ctx, attempt);
  return {
    returnTo: attempt.returnTo,
    link: attempt.link,
    invitation: attempt.invitation,
    identify: () => provider.identify(query, attempted(ctx, attempt)),
  };
}

/** A path below this server's own address that a browser cannot take for another host. */
export function isOwnPath(path: string): boolean {
  if (!/^\/[^\\\p{Cc}]*$/u.test(path) || path.startsWith("//") || path.length > 2_000) return false;
  return new URL(path, "http://own.invalid").origin === "http://own.invalid";
}

function attempted(ctx: Context, { provider, state, nonce, verifier }: Kept): Attempted {
  return {
    state,
    nonce,
    verifier,
    redirectUri: `${ctx.settings.publicUrl}/api/v1/auth/${provider}/callback`,
  };
}

function unseal(ctx: Context, sealed: string): Kept | null {
  try {
    const opened = ctx.secrets.open(Buffer.from(sealed, "base64url"), BIND);
    return kept.parse(JSON.parse(opened.toString()));
  } catch {
    return null;
  }
}

/** Two callbacks with one state: the second is a replay, in whatever process it arrives. */
async function spend(ctx: Context, { state, expiresAt }: Kept): Promise<void> {
  const stateHash = new Uint8Array(createHash("sha256").update(state).digest());
  await ctx.db.spentSignIn.deleteMany({ where: { expiresAt: { lte: ctx.clock.now() } } });
  try {
    await ctx.db.spentSignIn.create({ data: { stateHash, expiresAt: new Date(expiresAt) } });
  } catch (error) {
    throw isUniqueViolation(error) ? new SignInRefusedError("expired") : error;
  }
}

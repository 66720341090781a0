import type { Context } from "../../context.ts";
import { UnauthenticatedError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { type Attempt, audited } from "../audit/index.ts";
import { LinkNotValidError } from "../errors.ts";
import { insertPerson, knownUser } from "../federation/identities.ts";
import { type ProvenIdentity, type ProviderName, SignInRefusedError } from "../federation/provider.ts";
import { roleOf } from "../policy.ts";
import { type Begun, beginSession, type SignInOrigin, withAccess } from "../session/sessions.ts";
import { isUniqueViolation } from "../users.ts";
import { acceptanceOf, claimInvitation, type Joined, type OpenInvitation, readInvitation } from "./accept.ts";

export interface IdentityJoin extends SignInOrigin {
  readonly provider: ProviderName;
  readonly identity: ProvenIdentity;
  /** Of the invitation's link; from the sign-in that has come back, not from what the browser sends. */
  readonly token: string;
}

/**
 * Accepts an invitation as the person that an identity is linked to, by issuer and subject; a stranger gets an account
 * with the invitation's address, whatever the provider says of his. Who is a member already is signed in and leaves the
 * invitation open. Throws SignInRefusedError.
 */
export async function joinWithIdentity(ctx: Context, input: IdentityJoin): Promise<Joined> {
  try {
    const invitation = await readInvitation(ctx, input.token);
    const { issuer, subject } = input.identity;
    const details = { method: input.provider, issuer, subject };
    const begun = await audited(ctx, null, { ...acceptanceOf(invitation), details }, async (attempt) => {
      const join = () => joinOnce(ctx, input, invitation, attempt);
      // The same stranger at the same moment in another window: the second time he is known.
      return join().catch((error) => (isUniqueViolation(error) ? join() : Promise.reject(error)));
    });
    return { ...(await withAccess(ctx, begun)), project: invitation.project };
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Account, membership, session, and the end of the invitation: all of it or nothing. */
function joinOnce(
  ctx: Context,
  { provider, identity, token: _, ...origin }: IdentityJoin,
  invitation: OpenInvitation,
  attempt: Attempt,
): Promise<Begun> {
  const { issuer, subject } = identity;
  return transact(ctx, async (tx) => {
    const known = await knownUser(tx, identity);
    const userId = known ?? (await insertPerson(tx, invitation.email, provider, identity));
    if (!known || !(await roleOf(tx, userId, invitation.projectId))) {
      await claimInvitation(tx, invitation, userId);
      const details = { method: provider, issuer, subject, newUser: !known };
      await attempt.succeed(tx, { details });
    }
    return beginSession(tx, ctx, { ...origin, userId, method: provider });
  });
}

function refusalOf(error: unknown): unknown {
  if (error instanceof LinkNotValidError) return new SignInRefusedError("invitation_not_valid");
  if (error instanceof UnauthenticatedError) return new SignInRefusedError("disabled");
  // Somebody has the invitation's address: it finds nobody, so he must come in as before.
  return isUniqueViolation(error) ? new SignInRefusedError("email_taken") : error;
}

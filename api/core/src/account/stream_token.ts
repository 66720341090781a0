import { decodeProtectedHeader, SignJWT } from "jose";
import type { KeyActor, StreamKind, StreamTarget, TokenActor, TokenPermission, UserActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { decodeId, decodeIdAs, encodeId, type IdType } from "../ids.ts";
import { endOf, ISSUER, readClaims, type TokenKind } from "./session/claims.ts";
import { ALGORITHM, loadSigner } from "./session/signing.ts";

/** Not the audience nor the type of access tokens: neither is ever taken for the other. */
const KIND: TokenKind = {
  audience: "shiplog-stream",
  type: "st+jwt",
  requiredClaims: ["sub", "jti", "iat", "exp", "prj", "str", "perm"],
};

const ID_TYPE = {
  agent_execution: "AgentExecution",
  pipeline_execution: "PipelineExecution",
  project: "Project",
} as const satisfies Record<StreamKind, IdType>;

/** What a stream token is made for. */
export interface StreamGrant {
  readonly projectId: string;
  readonly target: StreamTarget;
  readonly permissions: readonly TokenPermission[];
}

/** Who made a token, by id: whether they still may is looked up at each use. */
export type TokenIssuer =
  | { readonly type: "user"; readonly userId: string; readonly sessionId: string }
  | { readonly type: "key"; readonly keyId: string };

export interface StreamClaims extends StreamGrant {
  readonly tokenId: string;
  readonly issuer: TokenIssuer;
  readonly expiresAt: Date;
  /** The signing key that vouches for it. */
  readonly signedBy: string;
}

/** A signed token for one stream. Carries no powers of its own: see TokenActor. */
export async function issueStreamToken(
  ctx: Context,
  issuer: UserActor | KeyActor,
  { projectId, target, permissions }: StreamGrant,
  lifetimeMs: number,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const { id, privateKey } = await loadSigner(ctx);
  const now = Math.floor(ctx.clock.now().getTime() / 1000);
  const exp = now + Math.floor(lifetimeMs / 1000);
  const token = await new SignJWT({
    ...(issuer.type === "user" && { sid: encodeId("Session", issuer.sessionId) }),
    prj: encodeId("Project", projectId),
    str: encodeId(ID_TYPE[target.kind], target.id),
    perm: [...permissions],
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: KIND.type, kid: id })
    .setSubject(issuer.type === "user" ? encodeId("User", issuer.userId) : encodeId("ApiKey", issuer.keyId))
    .setIssuer(ISSUER)
    .setAudience(KIND.audience)
    .setJti(ctx.newId())
    .setIssuedAt(now)
    .setExpirationTime(exp)
    .sign(privateKey);
  return { token, expiresAt: new Date(exp * 1000) };
}

/** Whether a bearer credential claims to be a stream token. */
export function looksLikeStreamToken(text: string): boolean {
  try {
    return decodeProtectedHeader(text).typ === KIND.type;
  } catch {
    return false;
  }
}

/** The claims of a token of ours that has not expired; null for any other text. Does not look at the issuer. */
export async function readStreamToken(ctx: Context, token: string): Promise<StreamClaims | null> {
  const claims = await readClaims(ctx, token, KIND);
  if (!claims) return null;
  const { payload, signedBy } = claims;
  const issuer = issuerOf(String(payload.sub), payload.sid);
  const target = targetOf(String(payload.str));
  const projectId = decodeIdAs("Project", String(payload.prj));
  if (!issuer || !target || !projectId) return null;
  const permissions = (payload.perm as string[]).filter(isPermission);
  const expiresAt = endOf(payload);
  return { tokenId: String(payload.jti), issuer, projectId, target, permissions, expiresAt, signedBy };
}

/** The actor of a token whose issuer was found alive. */
export function tokenActor(
  { tokenId, projectId, target, permissions }: StreamClaims,
  issuer: UserActor | KeyActor,
): TokenActor {
  return { type: "token", tokenId, issuer, projectId, target, permissions };
}

function isPermission(word: string): word is TokenPermission {
  return word === "read" || word === "append";
}

function issuerOf(subject: string, sid: unknown): TokenIssuer | null {
  const keyId = decodeIdAs("ApiKey", subject);
  if (keyId) return { type: "key", keyId };
  const userId = decodeIdAs("User", subject);
  const sessionId = decodeIdAs("Session", String(sid));
  return userId && sessionId ? { type: "user", userId, sessionId } : null;
}

function targetOf(publicId: string): StreamTarget | null {
  const decoded = decodeId(publicId);
  const [id] = decoded?.uuids ?? [];
  const kinds = Object.keys(ID_TYPE) as StreamKind[];
  const kind = kinds.find((one) => ID_TYPE[one] === decoded?.type);
  return kind && id ? { kind, id } : null;
}

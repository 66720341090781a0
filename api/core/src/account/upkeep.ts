import type { Context } from "../context.ts";
import { DEVICE_MS } from "./session/devices.ts";
import { rotateDueSigningKey } from "./session/signing.ts";
import { pruneThrottle } from "./throttle.ts";

const DAY_MS = 24 * 3_600_000;
/** Ended sessions, links and invitations are kept for so long: a copied refresh token is still told from rubbish. */
const KEPT_MS = 30 * DAY_MS;
/** Browsers that a person is known by. */
const DEVICES_OF_ONE = 20;

export interface AccountUpkeep {
  readonly rotated: boolean;
  readonly deleted: number;
}

/** The hourly job: replaces an old signing key and deletes what has ended long ago. Safe at any time, twice too. */
export async function tendAccounts(ctx: Context): Promise<AccountUpkeep> {
  const rotated = await rotateDueSigningKey(ctx);
  const now = ctx.clock.now().getTime();
  const lt = new Date(now - KEPT_MS);
  const ended = [
    ctx.db.session.deleteMany({ where: { OR: [{ expiresAt: { lt } }, { revokedAt: { lt } }] } }),
    ctx.db.passwordReset.deleteMany({ where: { expiresAt: { lt } } }),
    ctx.db.invitation.deleteMany({ where: { expiresAt: { lt } } }),
    ctx.db.knownDevice.deleteMany({ where: { lastUsedAt: { lt: new Date(now - DEVICE_MS) } } }),
  ];
  const counts = await Promise.all(ended);
  const deleted = counts.reduce((sum, { count }) => sum + count, 0);
  return { rotated, deleted: deleted + (await forgetOldDevices(ctx)) + (await pruneThrottle(ctx)) };
}

/** Of the browsers of one person the last used stay. */
async function forgetOldDevices(ctx: Context): Promise<number> {
  const many = await ctx.db.knownDevice.groupBy({
    by: ["userId"],
    having: { userId: { _count: { gt: DEVICES_OF_ONE } } },
  });
  let deleted = 0;
  for (const { userId } of many) {
    const kept = await ctx.db.knownDevice.findMany({
      where: { userId },
      orderBy: { lastUsedAt: "desc" },
      take: DEVICES_OF_ONE,
      select: { id: true },
    });
    const id = { notIn: kept.map((device) => device.id) };
    deleted += (await ctx.db.knownDevice.deleteMany({ where: { userId, id } })).count;
  }
  return deleted;
}

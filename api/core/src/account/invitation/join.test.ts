import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { createProject } from "../../project/index.ts";
import { acceptInvitationAsNew, createInvitation, joinWithIdentity } from "../index.ts";

const ctx = await makeContext(await testDatabase());
const NOWHERE = { userAgent: null, address: null };

test("an invitation that several take at once, by password and by provider, makes one member and one account", async () => {
  const project = await createProject(ctx, SYSTEM, { name: "Mole" });
  const wanted = { projectId: project.id, email: "one@example.org", role: "developer" };
  const { invitation, link } = await createInvitation(ctx, SYSTEM, wanted);
  const token = new URL(link ?? "").hash.slice(1);
  const identities = [1, 2].map((n) => ({
    issuer: "https://login.example",
    subject: `subject ${n}`,
    label: "x",
    name: null,
    email: null,
  }));
  const ends = await Promise.allSettled([
    acceptInvitationAsNew(ctx, { token, name: "By password", password: "long enough", ...NOWHERE }),
    ...identities.map((identity) => joinWithIdentity(ctx, { token, provider: "oidc", identity, ...NOWHERE })),
  ]);
  expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(1);
  const people = await ctx.db.user.findMany({ include: { memberships: true, sessions: true } });
  expect(people).toMatchObject([
    { email: "one@example.org", memberships: [{ role: "developer" }], sessions: [{}] },
  ]);
  expect(await ctx.db.userIdentity.count()).toBeLessThanOrEqual(1);
  const row = await ctx.db.invitation.findUniqueOrThrow({ where: { id: invitation.id } });
  expect(row.acceptedById).toBe(people[0]?.id);
  const written = { action: "invitation.accept", outcome: "succeeded" } as const;
  expect(await ctx.db.auditEntry.count({ where: written })).toBe(1);
});

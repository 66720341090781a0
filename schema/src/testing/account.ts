import { BusyError, type Context, encodeId, type UserActor } from "@shiplog/core";
import { createSession, createUser } from "@shiplog/core/account";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import type { mutator } from "./mutator.ts";
import type { World } from "./world.ts";

type Mutator = ReturnType<typeof mutator>;

/** The hasher of a context, which can be told to be busy. */
export function busyHasher(): Pick<Context, "passwords"> & { busy: boolean } {
  const state = {
    busy: false,
    passwords: {
      hash: async (password: string) => `hash of ${password}`,
      verify: async (hash: string, password: string) => {
        if (state.busy) throw new BusyError();
        return hash === `hash of ${password}`;
      },
    },
  };
  return state;
}

/** The tests of one's own sessions and password; and of links that administrators make. */
export function testOwnAccount(
  ctx: Context,
  world: World,
  { mutate, refusals }: Mutator,
  hasher: { busy: boolean },
): void {
  const SESSIONS = "{ viewer { sessions { id isCurrent method userAgent address expiresAt } } }";
  const signIn = async (userId: string, userAgent: string): Promise<UserActor> => {
    const { session } = await createSession(ctx, {
      userId,
      method: "password",
      userAgent,
      address: "192.0.2.1",
    });
    return { type: "user", userId, sessionId: session.id, isAdmin: false };
  };

  test("a person lists and ends his own sessions, one or all of them", async () => {
    const { actor } = await makePerson(ctx);
    const phone = await signIn(actor.userId, "Phone");
    const { viewer } = await graphqlAs(ctx, actor).data(SESSIONS);
    expect(viewer.sessions).toMatchObject([
      {
        id: encodeId("Session", phone.sessionId),
        isCurrent: false,
        userAgent: "Phone",
        address: "192.0.2.1",
      },
      { id: encodeId("Session", actor.sessionId), isCurrent: true, method: "password", userAgent: null },
    ]);
    expect((await graphqlAs(ctx, world.key).data(SESSIONS)).viewer.sessions).toBeNull();
    const id = encodeId("Session", phone.sessionId);
    await refusals("endSession", { id }, { lacking: world.key });
    expect((await mutate(world.stranger, "endSession", { id })).__typename).toBe("NotFoundError");
    expect(await mutate(actor, "endSession", { id }, "endedId")).toMatchObject({ endedId: id });
    expect(await mutate(actor, "endSession", { id }, "endedId")).toMatchObject({ endedId: id });
    await signIn(actor.userId, "Tablet");
    await refusals("endSessions", {}, { lacking: world.key });
    const others = await mutate(actor, "endSessions", { keepThis: true }, "endedSessions");
    expect(others.endedSessions).toBe(1);
    const left = (await graphqlAs(ctx, actor).data(SESSIONS)).viewer.sessions;
    expect(left).toMatchObject([{ isCurrent: true }]);
    expect((await mutate(actor, "endSessions", {}, "endedSessions")).endedSessions).toBe(1);
  });

  test("a person changes his password, who knows it, within a few guesses", async () => {
    const { actor } = await makePerson(ctx);
    const input = { currentPassword: "a password for tests", newPassword: "another password" };
    await refusals("changePassword", input, {
      lacking: world.key,
      invalid: { newPassword: "short" },
      by: actor,
    });
    const phone = await signIn(actor.userId, "Phone");
    hasher.busy = true;
    const busy = await mutate(actor, "changePassword", input);
    expect(busy).toMatchObject({ __typename: "BusyError", retryAfterSeconds: 2 });
    hasher.busy = false;
    // Whoever took another of his sessions guesses there, and does not keep him from it here.
    const guess = { ...input, currentPassword: "no" };
    let answer = "";
    while (answer !== "TooManyAttemptsError") {
      answer = (await mutate(phone, "changePassword", guess)).__typename;
    }
    expect((await mutate(actor, "changePassword", input, "endedSessions")).endedSessions).toBe(1);
    // The waits double, so that a slow machine meets one as well.
    const answers: string[] = [];
    while (answers.at(-1) !== "TooManyAttemptsError" && answers.length < 20) {
      answers.push((await mutate(actor, "changePassword", input)).__typename);
    }
    expect(answers.length).toBeGreaterThan(5);
    expect(new Set(answers)).toEqual(new Set(["InvalidCredentialsError", "TooManyAttemptsError"]));
  });

  test("an administrator makes a link for a new password, and rotates the signing key", async () => {
    const user = await createUser(ctx, world.admin, {
      email: "forgetful@example.org",
      name: "Forgetful",
      password: "something or other",
    });
    const input = { email: user.email };
    const { owner } = world.people;
    await refusals("createPasswordResetLink", input, {
      lacking: owner,
      invalid: { email: "none" },
      by: world.admin,
    });
    const nobody = { email: "nobody@example.org" };
    expect((await mutate(world.admin, "createPasswordResetLink", nobody)).__typename).toBe("NotFoundError");
    const made = await mutate(world.admin, "createPasswordResetLink", input, "link expiresAt");
    expect(made.link).toMatch(/^http:\/\/127\.0\.0\.1:4000\/reset-password#pwr_/);
    await refusals("rotateSigningKey", {}, { lacking: owner });
    const rotated = await mutate(world.admin, "rotateSigningKey", {}, "keyId previousUntil");
    expect(await ctx.db.signingKey.findUnique({ where: { id: rotated.keyId } })).not.toBeNull();
    const wishes = "{ passwordResetRequests { email name address createdAt } }";
    expect((await graphqlAs(ctx, owner).run(wishes)).errors).toMatchObject([{ code: "FORBIDDEN" }]);
    expect((await graphqlAs(ctx, world.admin).data(wishes)).passwordResetRequests).toEqual([]);
  });
}

/** The tests of what administrators do with accounts. */
export function testUsers(ctx: Context, world: World, { mutate, refusals }: Mutator): void {
  const LIST =
    "query ($search: String) { users(search: $search) { edges { node { id isAdmin disabledAt } } } }";

  test("an administrator lists people, closes an account and opens it again, and never his own", async () => {
    const { actor, email } = await makePerson(ctx);
    const { owner } = world.people;
    const id = encodeId("User", actor.userId);
    const input = { id, isDisabled: true };
    await refusals("updateUser", input, { lacking: owner });
    expect((await mutate(world.admin, "updateUser", { id: "nonsense" })).__typename).toBe("NotFoundError");
    const own = { id: encodeId("User", world.admin.userId), isAdmin: false };
    expect((await mutate(world.admin, "updateUser", own)).__typename).toBe("ConflictError");
    const closed = await mutate(world.admin, "updateUser", input, "user { disabledAt isAdmin }");
    expect(closed.user).toEqual({ disabledAt: expect.any(String), isAdmin: false });
    const { users } = await graphqlAs(ctx, world.admin).data(LIST, { search: email.toUpperCase() });
    expect(users.edges).toEqual([{ node: { id, ...closed.user } }]);
    expect((await graphqlAs(ctx, owner).run(LIST, {})).errors).toMatchObject([{ code: "FORBIDDEN" }]);
    const again = await mutate(world.admin, "updateUser", { id, isDisabled: false }, "user { disabledAt }");
    expect(again.user).toEqual({ disabledAt: null });
  });

  test("people of the same project learn nothing of each other's accounts", async () => {
    const document =
      "query ($id: ID!) { node(id: $id) { ... on User { name isAdmin disabledAt createdAt } } }";
    const { owner, viewer } = world.people;
    const { node } = await graphqlAs(ctx, owner).data(document, { id: encodeId("User", viewer.userId) });
    expect(node).toEqual({ name: "Test Person", isAdmin: null, disabledAt: null, createdAt: null });
  });
}

/** The tests of what a person is called. */
export function testProfile(ctx: Context, world: World, { mutate, refusals }: Mutator): void {
  test("a person changes what he is called, and nobody else's name", async () => {
    const { actor, email } = await makePerson(ctx);
    await refusals(
      "updateProfile",
      { name: "Ada" },
      { lacking: world.key, invalid: { name: " " }, by: actor },
    );
    for (const name of ["x".repeat(201), "a\0b"])
      expect((await mutate(actor, "updateProfile", { name })).__typename).toBe("InvalidInputError");
    const answer = await mutate(
      actor,
      "updateProfile",
      { name: "  Ada Lovelace " },
      "user { id name email }",
    );
    const id = encodeId("User", actor.userId);
    expect(answer.user).toEqual({ id, name: "Ada Lovelace", email });
    expect((await graphqlAs(ctx, actor).data("{ viewer { user { name } } }")).viewer.user.name).toBe(
      "Ada Lovelace",
    );
    expect(await ctx.db.user.count({ where: { name: "Ada Lovelace" } })).toBe(1);
    const entries = await ctx.db.auditEntry.findMany({
      where: { action: "profile.update", userId: actor.userId },
    });
    expect(entries.map(({ outcome, targetId }) => [outcome, targetId])).toEqual([
      ...Array(3).fill(["failed", actor.userId]),
      ["succeeded", actor.userId],
    ]);
  });
}

/** The tests of invitations to a project. */
export function testInvitations(ctx: Context, world: World, { mutate, refusals }: Mutator): void {
  const projectId = encodeId("Project", world.ours.projectId);
  const foreign = { projectId: encodeId("Project", world.theirs.projectId) };
  const { owner, maintainer, viewer } = world.people;
  const OPEN = "query ($id: ID!) { project(id: $id) { invitations { id email role createdBy { name } } } }";
  const invite = async (email: string) => {
    const input = { projectId, email, role: "developer" };
    const made = await mutate(owner, "createInvitation", input, "link invitation { id email role }");
    return { id: made.invitation.id as string, token: new URL(made.link).hash.slice(1) };
  };

  test("owners invite, list and revoke; whoever has the link joins, once", async () => {
    const input = { projectId, email: "Guest@Example.org", role: "developer" };
    await refusals("createInvitation", input, { lacking: maintainer, foreign, invalid: { role: "king" } });
    const first = await invite(input.email);
    const second = await invite(input.email);
    const { project } = await graphqlAs(ctx, owner).data(OPEN, { id: projectId });
    expect(project.invitations).toEqual([
      { id: second.id, email: "guest@example.org", role: "developer", createdBy: { name: "Test Person" } },
    ]);
    const hidden = (await graphqlAs(ctx, maintainer).data(OPEN, { id: projectId })).project;
    expect(hidden.invitations).toBeNull();

    const { actor: guest } = await makePerson(ctx);
    const { token } = second;
    await refusals("acceptInvitation", { token }, { lacking: world.key });
    const replaced = await mutate(guest, "acceptInvitation", { token: first.token });
    expect(replaced.__typename).toBe("LinkNotValidError");
    expect((await mutate(viewer, "acceptInvitation", { token })).__typename).toBe("ConflictError");
    const joined = await mutate(guest, "acceptInvitation", { token }, "project { viewerRole }");
    expect(joined.project).toEqual({ viewerRole: "developer" });
    const again = await mutate(world.stranger, "acceptInvitation", { token });
    expect(again.__typename).toBe("LinkNotValidError");
    expect((await mutate(owner, "revokeInvitation", { id: second.id })).__typename).toBe("ConflictError");
    const email = (await ctx.db.user.findUniqueOrThrow({ where: { id: guest.userId } })).email;
    expect((await mutate(owner, "createInvitation", { ...input, email })).__typename).toBe("ConflictError");
  });

  test("a revoked invitation is good for nothing, and one person invites so many strangers", async () => {
    const { id, token } = await invite("other@example.org");
    await refusals("revokeInvitation", { id }, { lacking: maintainer });
    expect((await mutate(world.stranger, "revokeInvitation", { id })).__typename).toBe("NotFoundError");
    const revoked = await mutate(owner, "revokeInvitation", { id }, "invitation { revokedAt }");
    expect(revoked.invitation.revokedAt).toBeTruthy();
    const { actor } = await makePerson(ctx);
    expect((await mutate(actor, "acceptInvitation", { token })).__typename).toBe("LinkNotValidError");
    const sender = (await makePerson(ctx, { [world.ours.projectId]: "owner" })).actor;
    const send = (n: number) =>
      mutate(sender, "createInvitation", { projectId, email: `guest-${n}@example.org`, role: "viewer" });
    const answers: string[] = [];
    while (answers.at(-1) !== "TooManyAttemptsError" && answers.length < 70) {
      answers.push((await send(answers.length)).__typename);
    }
    expect(answers.length).toBeGreaterThan(50);
    expect(new Set(answers)).toEqual(new Set(["CreateInvitationPayload", "TooManyAttemptsError"]));
  });
}

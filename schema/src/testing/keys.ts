import { type Context, encodeId } from "@shiplog/core";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { expect, test } from "vitest";
import type { mutator } from "./mutator.ts";
import type { World } from "./world.ts";

type Mutator = Pick<ReturnType<typeof mutator>, "mutate" | "refusals">;

/** The tests of the mutations of keys and stream tokens; part of the test file that counts what was met. */
export function testKeys(
  ctx: Context,
  { ours, theirs, ...world }: World,
  { mutate, refusals }: Mutator,
): void {
  const { viewer, developer, maintainer, owner } = world.people;
  const projectId = encodeId("Project", ours.projectId);
  const foreign = encodeId("Project", theirs.projectId);

  test("keys are made, shown once, and revoked", async () => {
    const input = { projectId, name: "CI", scopes: ["agent:write"], expiresAt: "2100-01-01T00:00:00Z" };
    await refusals("createApiKey", input, {
      lacking: developer,
      foreign: { projectId: foreign },
      invalid: { scopes: ["everything"] },
    });
    const made = await mutate(
      maintainer,
      "createApiKey",
      input,
      "secret apiKey { id prefix scopes expiresAt createdBy { name } }",
    );
    expect(made.secret.startsWith(made.apiKey.prefix)).toBe(true);
    expect(made.apiKey).toMatchObject({ scopes: ["agent:write"], expiresAt: "2100-01-01T00:00:00.000Z" });
    const { id } = made.apiKey;
    await refusals(
      "revokeApiKey",
      { id },
      { lacking: developer, foreign: { id: encodeId("ApiKey", theirs.apiKeyId) } },
    );
    expect(
      (await mutate(maintainer, "revokeApiKey", { id }, "apiKey { revokedAt }")).apiKey.revokedAt,
    ).toBeTruthy();
  });

  test("a key is replaced by its successor and lives on for the grace", async () => {
    const fields =
      "secret apiKey { id name scopes expiresAt isPersonal } replaced { id expiresAt replacedBy { id } }";
    const { apiKey } = await mutate(
      maintainer,
      "createApiKey",
      { projectId, name: "Turning", scopes: ["agent:write"] },
      "apiKey { id }",
    );
    const input = { id: apiKey.id, graceSeconds: 3_600 };
    await refusals("rotateApiKey", input, {
      lacking: developer,
      foreign: { id: encodeId("ApiKey", theirs.apiKeyId) },
      invalid: { graceSeconds: -1 },
    });
    const rotated = await mutate(maintainer, "rotateApiKey", input, fields);
    expect(rotated.apiKey).toMatchObject({ name: "Turning", scopes: ["agent:write"], expiresAt: null });
    expect(rotated.replaced).toMatchObject({ id: apiKey.id, replacedBy: { id: rotated.apiKey.id } });
    expect((await mutate(maintainer, "rotateApiKey", input)).__typename).toBe("ConflictError");
  });

  test("a person has keys of his own, which others neither see nor end", async () => {
    const input = { name: "Mine", scopes: ["agent:read"] };
    expect((await mutate(world.key, "createApiKey", input)).__typename).toBe("ForbiddenError");
    const { apiKey } = await mutate(viewer, "createApiKey", input, "apiKey { id isPersonal }");
    expect(apiKey.isPersonal).toBe(true);
    expect((await mutate(owner, "revokeApiKey", { id: apiKey.id })).__typename).toBe("NotFoundError");
    const keys = "{ viewer { apiKeys { id name revokedAt } } }";
    expect((await graphqlAs(ctx, owner).data(keys)).viewer.apiKeys).toEqual([]);
    expect((await graphqlAs(ctx, viewer).data(keys)).viewer.apiKeys).toMatchObject([{ id: apiKey.id }]);
    expect((await mutate(viewer, "revokeApiKey", { id: apiKey.id })).__typename).toBe("RevokeApiKeyPayload");
  });

  test("a stream token is made by whoever may do what it is for", async () => {
    const input = { executionId: encodeId("AgentExecution", ours.executionId), permissions: ["READ"] };
    await refusals("createStreamToken", input, {
      foreign: { executionId: encodeId("AgentExecution", theirs.executionId) },
      invalid: { expiresIn: 3_601 },
    });
    expect(
      (await mutate(viewer, "createStreamToken", { ...input, permissions: ["APPEND"] })).__typename,
    ).toBe("ForbiddenError");
    const made = await mutate(viewer, "createStreamToken", input, "token expiresAt");
    expect(made.token.split(".")).toHaveLength(3);
    for (const wrong of [
      { permissions: ["READ"] },
      { ...input, projectId },
      { projectId, permissions: ["APPEND"] },
      { ...input, permissions: [] },
    ]) {
      expect((await mutate(owner, "createStreamToken", wrong)).__typename).toBe("InvalidInputError");
    }
  });
}

/** The test of what leads away from a linked account. */
export function testIdentities(ctx: Context, world: World, { mutate, refusals }: Mutator): void {
  const { viewer, owner } = world.people;

  test("a person unlinks his accounts at other providers, but never his only way in", async () => {
    const link = (userId: string) =>
      ctx.db.userIdentity.create({
        data: {
          id: ctx.newId(),
          userId,
          provider: "oidc",
          issuer: "https://login.example",
          subject: ctx.newId(),
          createdAt: ctx.clock.now(),
        },
      });
    const [mine, theirs] = [await link(viewer.userId), await link(owner.userId)];
    const id = encodeId("UserIdentity", mine.id);
    const foreignId = encodeId("UserIdentity", theirs.id);
    const list = "{ viewer { identities { id provider issuer } } }";
    expect((await graphqlAs(ctx, viewer).data(list)).viewer.identities).toEqual([
      { id, provider: "oidc", issuer: "https://login.example" },
    ]);
    expect((await graphqlAs(ctx, world.key).data(list)).viewer.identities).toEqual([]);
    await refusals("unlinkIdentity", { id }, { lacking: world.key, foreign: { id: foreignId }, by: viewer });
    expect(await mutate(viewer, "unlinkIdentity", { id }, "removedId")).toMatchObject({ removedId: id });
    await ctx.db.user.update({ where: { id: owner.userId }, data: { passwordHash: null } });
    expect((await mutate(owner, "unlinkIdentity", { id: foreignId })).__typename).toBe("ConflictError");
    expect((await graphqlAs(ctx, owner).data(list)).viewer.identities).toHaveLength(1);
  });
}

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { SMTPServer } from "smtp-server";
import { afterAll, describe, expect, test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { createOperatorMailer, createSmtpMailer } from "../../mail.ts";
import { createProject } from "../../project/index.ts";
import {
  acceptInvitationAsNew,
  createInvitation,
  createPasswordResetLink,
  createUser,
  listPasswordResetRequests,
  previewInvitation,
  requestPasswordReset,
  resetPassword,
  sendInvitation,
  sendPasswordReset,
  signInWithPassword,
  validateSession,
} from "../index.ts";

interface Received {
  readonly from: string | false;
  readonly to: readonly string[];
  readonly text: string;
}

const received: Received[] = [];
let refusing = false;
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo: (_address, _session, done) => done(refusing ? new Error("busy") : null),
  onData(stream, { envelope }, done) {
    let text = "";
    stream.on("data", (chunk) => (text += String(chunk)));
    stream.on("end", () => {
      const { mailFrom, rcptTo } = envelope;
      const from = mailFrom ? mailFrom.address : false;
      received.push({ from, to: rcptTo.map((one) => one.address), text: unfold(text) });
      done();
    });
  },
});
smtp.listen(0, "127.0.0.1");
await once(smtp.server, "listening");
const { port } = smtp.server.address() as AddressInfo;
afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));

/** Quoted-printable, which long links come in. */
function unfold(text: string): string {
  return text
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const database = await testDatabase();
const clock = createTestClock();
const mailer = createSmtpMailer({
  url: `smtp://127.0.0.1:${port}`,
  from: "Shiplog <shiplog@example.com>",
});
const ctx = await makeContext(database, { clock, mailer });
const printed: string[] = [];
const silent = { ...ctx, mailer: createOperatorMailer((text) => printed.push(text)) };
const NOWHERE = { userAgent: null, address: null };
const LINK = /http:\/\/127\.0\.0\.1:4000\/(?:reset-password|invitation)#(\S+)/;

function tokenIn(text: string | undefined): string {
  const token = LINK.exec(text ?? "")?.[1];
  if (!token) throw new Error(`no link in ${text}`);
  return token;
}

/** Runs the jobs that wait, as the worker does. */
async function runJobs(context = ctx): Promise<void> {
  for (const { id } of await context.db.passwordReset.findMany({ where: { hash: null } })) {
    await sendPasswordReset(context, { id });
  }
}

async function person(password: string, isAdmin = false) {
  const email = `${ctx.newId()}@example.org`;
  const user = await createUser(ctx, SYSTEM, { email, name: "Ada", password, isAdmin });
  return {
    email,
    user,
    signIn: (word: string) => signInWithPassword(ctx, { email, password: word, ...NOWHERE }),
  };
}

describe("a forgotten password", () => {
  test("is set anew by the link that is mailed, once, within an hour; every session ends", async () => {
    const { email, signIn } = await person("the old password");
    const { session } = await signIn("the old password");
    await requestPasswordReset(ctx, { email: email.toUpperCase(), address: "192.0.2.3" });
    await runJobs();
    expect(received.at(-1)).toMatchObject({ from: "shiplog@example.com", to: [email] });
    const token = tokenIn(received.at(-1)?.text);
    expect(JSON.stringify(await ctx.db.passwordReset.findMany())).not.toContain(token.split(".")[1]);
    await expect(resetPassword(ctx, { token, password: "short" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    const both = await Promise.allSettled(
      ["first new password", "other new password"].map((password) => resetPassword(ctx, { token, password })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await validateSession(ctx, session.id)).toBeNull();
    await expect(signIn("the old password")).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    await signIn(both[0]?.status === "fulfilled" ? "first new password" : "other new password");
    await expect(resetPassword(ctx, { token, password: "once more then" })).rejects.toMatchObject({
      code: "LINK_NOT_VALID",
    });

    await requestPasswordReset(ctx, { email, address: null });
    await runJobs();
    clock.advance(60 * 60_000);
    const late = { token: tokenIn(received.at(-1)?.text), password: "a new password" };
    await expect(resetPassword(ctx, late)).rejects.toMatchObject({ code: "LINK_NOT_VALID" });
  });

  test("of nobody is answered the same way, by the same statements, and nothing is mailed", async () => {
    const { email } = await person("the old password");
    const ask = (who: string) =>
      database.statements(() => requestPasswordReset(ctx, { email: who, address: null }));
    const before = received.length;
    expect(await ask("nobody@example.org")).toEqual(await ask(email));
    await runJobs();
    expect(received.slice(before).map((mail) => mail.to)).toEqual([[email]]);
  });

  test("is not mailed over and over, and a mail server that refuses makes the job come again", async () => {
    const { email } = await person("the old password");
    const before = received.length;
    for (let n = 0; n < 12; n++) await requestPasswordReset(ctx, { email, address: `192.0.2.${n}` });
    refusing = true;
    await expect(runJobs()).rejects.toThrow();
    refusing = false;
    const [waiting] = await ctx.db.passwordReset.findMany({ orderBy: { id: "desc" } });
    await sendPasswordReset(ctx, { id: waiting?.id ?? "" });
    await runJobs();
    expect(received.length - before).toBeLessThanOrEqual(5);
    expect(received.length - before).toBeGreaterThan(0);
    const flood = async () => {
      for (let n = 0; n < 30; n++) {
        await requestPasswordReset(ctx, { email: `${n}@example.org`, address: "192.0.2.200" });
      }
    };
    await expect(flood()).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  });

  test("without a mail server waits for an administrator, whose own goes to whoever runs the program", async () => {
    const { email, signIn } = await person("the old password");
    const admin = await person("administrator", true);
    const actor = { type: "user", userId: admin.user.id, sessionId: ctx.newId(), isAdmin: true } as const;
    await requestPasswordReset(silent, { email, address: "192.0.2.4" });
    await runJobs(silent);
    expect(printed).toEqual([]);
    expect(await listPasswordResetRequests(silent, actor)).toMatchObject([
      { address: "192.0.2.4", user: { email } },
    ]);
    const { link } = await createPasswordResetLink(silent, actor, { email });
    expect(await listPasswordResetRequests(silent, actor)).toEqual([]);
    await resetPassword(silent, { token: tokenIn(link), password: "handed over" });
    await signIn("handed over");
    await requestPasswordReset(silent, { email: admin.email, address: null });
    await runJobs(silent);
    await resetPassword(silent, { token: tokenIn(printed.at(-1)), password: "from the console" });
    await admin.signIn("from the console");
  });
});

test("an invitation is mailed, makes an account, and dies with the power of whoever sent it", async () => {
  const owner = await person("the owner's own");
  const actor = { type: "user", userId: owner.user.id, sessionId: ctx.newId(), isAdmin: false } as const;
  const project = await createProject(ctx, actor, { name: "Rocket\r\nBcc: all@example.org" });
  const invite = async (email: string) => {
    const input = { projectId: project.id, email, role: "developer" };
    const { invitation, link } = await createInvitation(ctx, actor, input);
    expect(link).toBeNull();
    await sendInvitation(ctx, { id: invitation.id });
    expect(received.at(-1)?.to).toEqual([email]);
    expect(received.at(-1)?.text).not.toMatch(/^Bcc:/m);
    return tokenIn(received.at(-1)?.text);
  };
  const token = await invite("new@example.org");
  expect(await previewInvitation(ctx, token)).toMatchObject({
    email: "new@example.org",
    role: "developer",
    invitedBy: "Ada",
    hasAccount: false,
  });
  const input = { token, name: "Newcomer", password: "long enough", ...NOWHERE };
  const both = await Promise.allSettled([
    acceptInvitationAsNew(ctx, input),
    acceptInvitationAsNew(ctx, input),
  ]);
  expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  const member = { projectId: project.id, user: { email: "new@example.org" } };
  expect(await ctx.db.projectMember.findMany({ where: member })).toMatchObject([{ role: "developer" }]);
  expect(await ctx.db.user.count({ where: { email: "new@example.org" } })).toBe(1);

  const old = await invite("late@example.org");
  clock.advance(7 * 24 * 3_600_000);
  await expect(previewInvitation(ctx, old)).rejects.toMatchObject({ code: "LINK_NOT_VALID" });
  const orphan = await invite("orphan@example.org");
  const demote = () =>
    ctx.db.projectMember.updateMany({ where: { userId: owner.user.id }, data: { role: "maintainer" } });
  // It happens while the password of whoever accepts waits for its hash.
  const slow = { ...ctx.passwords, hash: () => demote().then(() => ctx.passwords.hash("long enough")) };
  const overtaken = acceptInvitationAsNew({ ...ctx, passwords: slow }, { ...input, token: orphan });
  await expect(overtaken).rejects.toMatchObject({ code: "LINK_NOT_VALID" });
  expect(await ctx.db.user.count({ where: { email: "orphan@example.org" } })).toBe(0);
  await expect(previewInvitation(ctx, orphan)).rejects.toMatchObject({ code: "LINK_NOT_VALID" });
});

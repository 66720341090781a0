import type { Mail } from "../ports.ts";

interface Addressee {
  readonly email: string;
}

/** One line of what others wrote: a name or title must not make up lines of its own. */
function line(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** The link with which somebody sets a new password. */
export function resetMail({ email }: Addressee, link: string): Mail {
  return {
    to: email,
    subject: "Set a new password for Shiplog",
    text: `Somebody, most likely you, asked for a new password for ${email} on Shiplog.

Set it here within an hour; the link works once:
${link}

If it was not you, nothing needs to be done: without the link nobody can change your password.
`,
  };
}

interface InvitationText {
  readonly email: string;
  readonly role: string;
  readonly project: string;
  /** Null when that person is gone. */
  readonly inviter: string | null;
}

/** The link with which somebody joins a project. */
export function invitationMail(invitation: InvitationText, link: string): Mail {
  const project = line(invitation.project);
  const inviter = invitation.inviter === null ? "Somebody" : line(invitation.inviter);
  return {
    to: invitation.email,
    subject: `Join ${project} on Shiplog`,
    text: `${inviter} invites you to the project ${project} on Shiplog as its ${invitation.role}.

Accept here within 7 days; the link works once:
${link}

If you do not know what this is about, ignore this message.
`,
  };
}

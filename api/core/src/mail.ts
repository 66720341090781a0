import type { Mailer } from "./ports.ts";

export interface SmtpOptions {
  /** smtp://user:password@host:587 (STARTTLS where the server offers it) or smtps://…:465. */
  readonly url: string;
  /** The sender, e.g. `Shiplog <shiplog@example.com>`. */
  readonly from: string;
}

/** How long a server that does not answer may keep a job (ms). */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Sends over SMTP, a connection per message: they are few. */
export function createSmtpMailer({ url, from }: SmtpOptions): Mailer {
  return {
    delivers: true,
    async send({ to, subject, text }) {
      // An object: as a string, an address with a comma would be read as two.
      const headers = { "auto-submitted": "auto-generated" };
      const { createTransport } = await import("nodemailer");
      const transport = createTransport({
        url,
        ...TIMEOUTS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await transport.sendMail({ from, to: { name: "", address: to }, subject, text, headers });
    },
  };
}

/** Without a mail server: tells whoever runs this installation, on the program's own output. */
export function createOperatorMailer(print: (text: string) => void): Mailer {
  return {
    delivers: false,
    send: async ({ to, subject, text }) => print(`\n  For ${to}: ${subject}\n\n${text}`),
  };
}

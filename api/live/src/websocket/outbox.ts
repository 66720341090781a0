import type { Message } from "../hub/message.ts";

interface Sender {
  write(prefix: string, message: Message): void;
}

let senders: Sender[] = [];
let prefixes: string[] = [];
let messages: Message[] = [];

/**
 * Sends a message when what runs now has come to its end, behind all that were given before. What one commit makes
 * for several streams is then made first and sent afterwards, which costs less than in turns: a system call leaves
 * little in the processor's caches of what makes the next message.
 */
export function sendSoon(sender: Sender, prefix: string, message: Message): void {
  if (senders.length === 0) queueMicrotask(sendNow);
  senders.push(sender);
  prefixes.push(prefix);
  messages.push(message);
}

/** Whoever sends something else sends what waits first: the order is that in which it was given. */
export function sendNow(): void {
  if (senders.length === 0) return;
  const [who, before, what] = [senders, prefixes, messages];
  senders = [];
  prefixes = [];
  messages = [];
  for (let i = 0; i < who.length; i++) who[i]?.write(before[i] as string, what[i] as Message);
}

/** Close codes that this server sends; PROTOCOL.md says what a client does on each. */
export const CLOSE = {
  goingAway: 1012,
  tryAgain: 1013,
  badRequest: 4400,
  /** The credential is void for good: sign in again. */
  revoked: 4401,
  /** No credential, or one that ran out: renew it and come back. */
  forbidden: 4403,
  tooManyConnections: 4429,
} as const;

/** Close codes that this server sends; PROTOCOL.md says what a client does on each. */
export const CLOSE = {
  goingAway: 1012,
  tryAgain: 1013,
  badRequest: 4400,
  noSubprotocol: 4406,
  /** The credential is void for good: sign in again. */
  revoked: 4401,
  /** No credential, or one that ran out: renew it and come back. */
  forbidden: 4403,
  initTimeout: 4408,
  subscriberExists: 4409,
  tooManyConnections: 4429,
} as const;

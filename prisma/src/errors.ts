/** Why Shiplog cannot start, in words for the person at the terminal; printed without a stack. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

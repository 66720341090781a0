import type { Normalized } from "../../pipeline/index.ts";
import type { Json } from "../../ports.ts";

/** Request headers by lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

/**
 * A source of signed deliveries, as core sees it; implemented one folder per provider in the ingest package and passed
 * in by whoever calls, because core imports no sibling.
 */
export interface IntakeProvider {
  /** The word in the webhook's path and in the rows, e.g. github. */
  readonly name: string;
  /** Bodies above this are refused before they are read. */
  readonly maxBodyBytes: number;
  /** Lower-case names of the headers that are kept with a delivery: never secrets, signatures or cookies. */
  readonly keptHeaders: readonly string[];
  /** Whether the request carries a signature at all. */
  hasSignature(headers: Headers): boolean;
  /** Checks the signature over the raw bytes in constant time; false for a malformed one. */
  verify(secret: string, headers: Headers, body: Uint8Array): boolean;
  /** The delivery's id (the dedupe key) and event, or what the headers lack. */
  identify(
    headers: Headers,
  ): { readonly deliveryId: string; readonly event: string } | { readonly missing: string };
  /** Pure. Throws PayloadError where the payload is not what the event promises. */
  normalize(event: string, payload: Json): Normalized;
}

export type IntakeProviders = ReadonlyMap<string, IntakeProvider>;

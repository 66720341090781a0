import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { addressReader } from "./address.ts";

function read(peer: string, forwarded: string | null, trusted: string[]): string | null {
  const headers = new Headers(forwarded === null ? {} : { "x-forwarded-for": forwarded });
  const socket = { remoteAddress: peer } as Socket;
  return addressReader(trusted)(headers, { socket });
}

describe("the caller's address", () => {
  it.each([
    ["203.0.113.9", "1.2.3.4", [], "203.0.113.9"],
    ["10.0.0.2", "1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"],
    ["10.0.0.2", "6.6.6.6, 1.2.3.4, 10.0.0.7", ["10.0.0.0/8"], "1.2.3.4"],
    ["::ffff:10.0.0.2", "2001:db8::1", ["10.0.0.2"], "2001:db8::1"],
    ["10.0.0.2", "nonsense", ["10.0.0.0/8"], "10.0.0.2"],
    ["10.0.0.2", null, ["10.0.0.0/8"], "10.0.0.2"],
  ])("%s forwarded for %s, trusting %j, is %s", (peer, forwarded, trusted, expected) => {
    expect(read(peer, forwarded, trusted)).toBe(expected);
  });

  it("is unknown without a connection", () => {
    expect(addressReader([])(new Headers(), undefined)).toBeNull();
  });
});

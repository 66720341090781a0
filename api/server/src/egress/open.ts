import type { Telemetry } from "@shiplog/core";
import type { Env } from "../env.ts";
import { createEgressFetch } from "./fetch.ts";

/** The operator himself named these, wherever they are. */
function chosenHosts({ oidc, githubSignIn, github }: Env): string[] {
  const urls = [oidc?.issuer, githubSignIn?.url, github.apiUrl];
  return urls.flatMap((url) => (url ? [new URL(url).host] : []));
}

/**
 * The one `fetch` of a process. Those that sign people in are chosen but may be anybody's; a trace is sent to the hosts
 * of SHIPLOG_EGRESS_ALLOW only.
 */
export function openEgress(env: Env, telemetry: Telemetry): typeof fetch {
  const { egressAllow } = env;
  return createEgressFetch({ allow: [...egressAllow, ...chosenHosts(env)], traced: egressAllow, telemetry });
}

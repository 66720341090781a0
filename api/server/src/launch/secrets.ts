import type { RingKey } from "@shiplog/core";
import type { Env } from "../env.ts";

const SHORTEST = 8;

/**
 * What of the configuration must appear nowhere: in no row, log line or event. `made` are the keys of a ring that was
 * made on this machine, where the configuration has none.
 */
export function secretsOf(env: Env, made: readonly RingKey[] = []): string[] {
  const { anthropic, openai, github, oidc, githubSignIn } = env;
  const urls = [env.databaseUrl, env.migrationUrl, env.redisUrl, env.smtp?.url];
  const all = [
    ...urls.map(passwordOf),
    ...[...(env.keys ?? []), ...made].map(({ key }) => key.toString("base64")),
    ...[env.metricsToken, env.admin.password, oidc?.clientSecret, githubSignIn?.clientSecret],
    ...[anthropic.apiKey, openai.apiKey, github.token],
    ...(env.traces?.headerValues ?? []),
  ];
  return [...new Set(all)].filter((secret) => secret !== undefined && secret.length >= SHORTEST) as string[];
}

function passwordOf(url: string | undefined): string | undefined {
  if (!url) return undefined;
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

import { existsSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { RingKey, SmtpOptions } from "@shiplog/core";
import type { ProviderName } from "@shiplog/core/account";
import { StartupError } from "@shiplog/db/errors";
import { z } from "zod";
import {
  flag,
  httpUrl,
  list,
  logLevel,
  number,
  optional,
  origins,
  postgresUrl,
  providerNames,
  providerUrl,
  redisUrl,
  ring,
  smtpUrl,
} from "./launch/variables.ts";
import type { LogLevel } from "./telemetry/levels.ts";

/** The checkout that Shiplog runs from. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** Every variable that Shiplog reads; `.env.example` says more about each. */
const VARIABLES = {
  PORT: number(0, 65_535, 4000),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: postgresUrl.optional(),
  SHIPLOG_MIGRATION_URL: postgresUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  SHIPLOG_DATA_DIR: z.string().default(".shiplog"),
  SHIPLOG_ROLE: z
    .enum(["all", "server", "worker"], { error: 'must be "all", "server" or "worker"' })
    .default("all"),
  SHIPLOG_WORKER_PORT: number(0, 65_535, 4001),
  SHIPLOG_PUBLIC_URL: httpUrl.optional(),
  SHIPLOG_ALLOWED_ORIGINS: origins,
  SHIPLOG_TRUSTED_PROXIES: list(","),
  SHIPLOG_KEYS: ring.optional(),
  SHIPLOG_METRICS_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  SHIPLOG_RATE_LIMIT: number(0, 1_000_000, 100),
  SHIPLOG_ADHOC_GRAPHQL: z
    .enum(["anyone", "members", "administrators", "keys"], {
      error: "must be anyone, members, administrators or keys",
    })
    .default("members"),
  SHIPLOG_SOCKETS_PER_USER: number(1, 100_000, 50),
  SHIPLOG_ADMIN_EMAIL: z.email("must be an e-mail address").optional(),
  SHIPLOG_ADMIN_PASSWORD: z.string().min(8, "must have at least 8 characters").optional(),
  SHIPLOG_SMTP_URL: smtpUrl.optional(),
  SHIPLOG_MAIL_FROM: z.string().max(320).regex(/@/, "must hold an e-mail address").optional(),
  SHIPLOG_OIDC_ISSUER: providerUrl.optional(),
  SHIPLOG_OIDC_CLIENT_ID: optional,
  SHIPLOG_OIDC_CLIENT_SECRET: optional,
  SHIPLOG_OIDC_NAME: z.string().default("Single sign-on"),
  SHIPLOG_GITHUB_URL: providerUrl.default("https://github.com"),
  SHIPLOG_GITHUB_CLIENT_ID: optional,
  SHIPLOG_GITHUB_CLIENT_SECRET: optional,
  SHIPLOG_SIGNUP: providerNames,
  SHIPLOG_DEMO: flag.optional(),
  SHIPLOG_LEASE_SECONDS: number(0.2, 3_600, 15),
  SHIPLOG_EXTERNAL_SILENCE_MINUTES: number(0.01, 10_080, 15),
  SHIPLOG_SWEEP_SECONDS: number(0.1, 600, 2),
  SHIPLOG_TEXT_WINDOW_MS: number(0, 10_000, 50),
  SHIPLOG_DEMO_SPEED: number(0.1, 1_000, 1),
  SHIPLOG_LOG_LEVEL: logLevel,
  SHIPLOG_DRAIN_SECONDS: number(0, 60, 1.5),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: optional,
  OTEL_SERVICE_NAME: z.string().default("shiplog"),
  OTEL_TRACES_SAMPLER_ARG: number(0, 1, 1),
  ANTHROPIC_API_KEY: optional,
  ANTHROPIC_BASE_URL: httpUrl.optional(),
  OPENAI_API_KEY: optional,
  OPENAI_BASE_URL: httpUrl.optional(),
  GITHUB_TOKEN: optional,
  GITHUB_API_URL: httpUrl.default("https://api.github.com"),
  SHIPLOG_WORKSPACES: list(delimiter),
  SHIPLOG_EGRESS_ALLOW: list(","),
};

const SCHEMA = z.object(VARIABLES);

type Parsed = z.output<typeof SCHEMA>;

export const ENV_NAMES = Object.keys(VARIABLES) as readonly (keyof typeof VARIABLES)[];

/** Read by the tests, the dashboard's development server and the compose files. */
const TOOL_VARIABLES = ["SHIPLOG_DEEP", "SHIPLOG_DEV_SERVER", "SHIPLOG_VERSION"];

/** The process's configuration; the only way to it. */
export interface Env {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  /** The role that owns the tables and migrates; undefined = that of databaseUrl. */
  readonly migrationUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly role: "all" | "server" | "worker";
  /** Where a lone worker serves health and metrics. */
  readonly workerPort: number;
  /** Without a trailing slash; undefined = derived from the address that is listened on. */
  readonly publicUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
  /** Addresses or networks whose X-Forwarded-* headers count. */
  readonly trustedProxies: readonly string[];
  /** Undefined = made in the data directory, see launch/keys.ts. */
  readonly keys: readonly RingKey[] | undefined;
  readonly metricsToken: string | undefined;
  /** Requests a minute per user or key; 0 = off. */
  readonly rateLimit: number;
  /** Who may send GraphQL documents of his own, besides API keys. */
  readonly adHocGraphQL: Parsed["SHIPLOG_ADHOC_GRAPHQL"];
  readonly socketsPerUser: number;
  /** The first owner; what is missing gets a default (e-mail address) or is made up (password). */
  readonly admin: { readonly email: string | undefined; readonly password: string | undefined };
  /** Undefined = no mail is sent, and links are passed on by hand. */
  readonly smtp: SmtpOptions | undefined;
  /** Sign-in with an OpenID provider; undefined = not offered. */
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string | undefined;
        readonly label: string;
      }
    | undefined;
  /** Sign-in with GitHub; undefined = not offered. */
  readonly githubSignIn:
    | { readonly url: string; readonly clientId: string; readonly clientSecret: string }
    | undefined;
  /** Providers whose people get an account without having been invited. */
  readonly signup: readonly ProviderName[];
  readonly demo: boolean;
  /** 2 = the demo plays twice as fast. */
  readonly demoSpeed: number;
  readonly leaseMs: number;
  readonly externalSilenceMs: number;
  readonly sweepMs: number;
  readonly textWindowMs: number;
  readonly logLevel: LogLevel;
  /** How long a server that was told to stop goes on serving, so that balancers see it go (ms). */
  readonly drainMs: number;
  /** Where traces are exported to; undefined = nowhere. */
  readonly traces:
    | {
        readonly endpoint: string;
        readonly serviceName: string;
        readonly ratio: number;
        /** What the headers of OTEL_EXPORTER_OTLP_HEADERS hold; told to nobody else. */
        readonly headerValues: readonly string[];
      }
    | undefined;
  readonly anthropic: { readonly apiKey: string | undefined; readonly baseUrl: string | undefined };
  readonly openai: { readonly apiKey: string | undefined; readonly baseUrl: string | undefined };
  readonly github: { readonly token: string | undefined; readonly apiUrl: string };
  /** Hosts that outgoing requests may reach wherever they are. */
  readonly egressAllow: readonly string[];
  /** Absolute folders that agents may read. */
  readonly workspaces: readonly string[];
}

/** Reads the environment, and `.env` at the root for what the environment does not set. */
export function loadEnv(): Env {
  const file = resolve(ROOT, ".env");
  if (existsSync(file)) process.loadEnvFile(file);
  return parseEnv(process.env);
}

/** Variables that look like ours but are read by nobody: misspelt, most likely. */
export function unknownVariables(source: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>([...ENV_NAMES, ...TOOL_VARIABLES]);
  return Object.keys(source).filter((name) => name.startsWith("SHIPLOG_") && !known.has(name));
}

/** Throws one StartupError that names every problem. An empty variable counts as unset. */
export function parseEnv(source: NodeJS.ProcessEnv): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  const result = SCHEMA.safeParse(given);
  const problems = [...problemsOf(result.error), ...missing(given)];
  if (!result.data || problems.length > 0) {
    const lines = [...new Set(problems)].map((problem) => `  ${problem}`);
    throw new StartupError(`The configuration is not right (see .env.example):\n${lines.join("\n")}`);
  }
  return toEnv(result.data);
}

function problemsOf(error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}`);
}

/** Looks at what is given, right or wrong, so that these are told together with the wrong ones. */
function missing(given: NodeJS.ProcessEnv): string[] {
  const { DATABASE_URL, SHIPLOG_KEYS, SHIPLOG_MAIL_FROM, SHIPLOG_ROLE, SHIPLOG_SMTP_URL } = given;
  const problems: string[] = [];
  if (given.SHIPLOG_MIGRATION_URL && !DATABASE_URL) {
    problems.push("SHIPLOG_MIGRATION_URL needs DATABASE_URL: the same database, by a role that owns nothing");
  }
  if (DATABASE_URL && !SHIPLOG_KEYS) {
    problems.push(
      'SHIPLOG_KEYS is required with DATABASE_URL; make one with: echo "k1:$(openssl rand -base64 32)"',
    );
  }
  if (SHIPLOG_SMTP_URL && !SHIPLOG_MAIL_FROM) {
    problems.push("SHIPLOG_MAIL_FROM is required with SHIPLOG_SMTP_URL: the sender of the messages");
  }
  if ((SHIPLOG_ROLE === "server" || SHIPLOG_ROLE === "worker") && !DATABASE_URL) {
    problems.push(
      `DATABASE_URL is required with SHIPLOG_ROLE=${SHIPLOG_ROLE}: server and worker share a database`,
    );
  }
  for (const [one, other] of TOGETHER) {
    if (Boolean(given[one]) !== Boolean(given[other])) problems.push(`${one} and ${other} belong together`);
  }
  return problems;
}

const TOGETHER = [
  ["SHIPLOG_OIDC_ISSUER", "SHIPLOG_OIDC_CLIENT_ID"],
  ["SHIPLOG_GITHUB_CLIENT_ID", "SHIPLOG_GITHUB_CLIENT_SECRET"],
] as const;

function signInOf(env: Parsed): Pick<Env, "oidc" | "githubSignIn" | "signup"> {
  const { SHIPLOG_OIDC_ISSUER: issuer, SHIPLOG_OIDC_CLIENT_ID: oidcId } = env;
  const { SHIPLOG_GITHUB_CLIENT_ID: githubId, SHIPLOG_GITHUB_CLIENT_SECRET: githubSecret } = env;
  return {
    oidc:
      issuer && oidcId
        ? {
            issuer,
            clientId: oidcId,
            clientSecret: env.SHIPLOG_OIDC_CLIENT_SECRET,
            label: env.SHIPLOG_OIDC_NAME,
          }
        : undefined,
    githubSignIn:
      githubId && githubSecret
        ? { url: env.SHIPLOG_GITHUB_URL, clientId: githubId, clientSecret: githubSecret }
        : undefined,
    signup: env.SHIPLOG_SIGNUP,
  };
}

/** The library reads these itself; here they are known as what must be told to nobody, words apart. */
function headerValues(headers = ""): string[] {
  return headers.split(",").flatMap((pair) => pair.slice(pair.indexOf("=") + 1).split(/\s|%20/));
}

function toEnv(env: Parsed): Env {
  const workspaces = env.SHIPLOG_WORKSPACES.map((path) => resolve(ROOT, path));
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    migrationUrl: env.SHIPLOG_MIGRATION_URL,
    redisUrl: env.REDIS_URL,
    dataDir: resolve(ROOT, env.SHIPLOG_DATA_DIR),
    role: env.SHIPLOG_ROLE,
    workerPort: env.SHIPLOG_WORKER_PORT,
    publicUrl: env.SHIPLOG_PUBLIC_URL,
    allowedOrigins: env.SHIPLOG_ALLOWED_ORIGINS,
    trustedProxies: env.SHIPLOG_TRUSTED_PROXIES,
    keys: env.SHIPLOG_KEYS,
    metricsToken: env.SHIPLOG_METRICS_TOKEN,
    rateLimit: env.SHIPLOG_RATE_LIMIT,
    adHocGraphQL: env.SHIPLOG_ADHOC_GRAPHQL,
    socketsPerUser: env.SHIPLOG_SOCKETS_PER_USER,
    admin: { email: env.SHIPLOG_ADMIN_EMAIL, password: env.SHIPLOG_ADMIN_PASSWORD },
    smtp: env.SHIPLOG_SMTP_URL ? { url: env.SHIPLOG_SMTP_URL, from: env.SHIPLOG_MAIL_FROM ?? "" } : undefined,
    ...signInOf(env),
    demo: env.SHIPLOG_DEMO ?? !env.DATABASE_URL,
    demoSpeed: env.SHIPLOG_DEMO_SPEED,
    leaseMs: env.SHIPLOG_LEASE_SECONDS * 1_000,
    externalSilenceMs: env.SHIPLOG_EXTERNAL_SILENCE_MINUTES * 60_000,
    sweepMs: env.SHIPLOG_SWEEP_SECONDS * 1_000,
    textWindowMs: env.SHIPLOG_TEXT_WINDOW_MS,
    logLevel: env.SHIPLOG_LOG_LEVEL,
    drainMs: env.SHIPLOG_DRAIN_SECONDS * 1_000,
    traces: env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
          serviceName: env.OTEL_SERVICE_NAME,
          ratio: env.OTEL_TRACES_SAMPLER_ARG,
          headerValues: headerValues(env.OTEL_EXPORTER_OTLP_HEADERS),
        }
      : undefined,
    anthropic: { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL },
    openai: { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL },
    github: { token: env.GITHUB_TOKEN, apiUrl: env.GITHUB_API_URL },
    egressAllow: env.SHIPLOG_EGRESS_ALLOW,
    workspaces: workspaces.length > 0 ? workspaces : [ROOT],
  };
}

/** Libraries that check themselves at every call leave it out, unless NODE_ENV says something else. */
export function preferProduction(): void {
  process.env.NODE_ENV ||= "production";
}

/** Our environment for a tool that we start, with additions. */
export function childEnv(additions: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}

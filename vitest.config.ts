import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** SHIPLOG_DEEP=1: the suites of a stated size (`*.deep.test.ts`), and what must also hold on PostgreSQL 15. */
const deep = process.env.SHIPLOG_DEEP === "1";

/** Everything that speaks SQL of its own. */
const ON_POSTGRES_15 = [
  "prisma/src/{client,deploy,migrate,notify,transaction}.test.ts",
  "api/{core,worker}/src/**/*.test.ts",
];

/** Files that import the same suites, which declare their tests as they are loaded. */
const CONTRACT = "api/live/src/contract/*.deep.test.ts";

/** They say within how many seconds something happens under a load of their own: nothing runs beside them. */
const ALONE = ["api/live/src/contract/restart.deep.test.ts", "api/testkit/src/e2e/abuse.deep.test.ts"];

const server = {
  environment: "node",
  globalSetup: ["api/testkit/src/global-setup.ts"],
  testTimeout: deep ? 180_000 : 30_000,
  hookTimeout: 60_000,
};

/** The file that Node itself loads: Vite prefers another build of it, and two copies refuse each other's schema. */
const resolve = {
  alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }],
};

export default defineConfig({
  test: {
    maxWorkers: 3,
    // Otherwise each file loads the server's modules anew, a quarter of the whole time; no test changes them.
    isolate: false,
    // A second is soon over where two cores run three files and a browser.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        resolve,
        test: {
          ...server,
          name: "server",
          include: deep
            ? ["{prisma,api,schema}/**/*.deep.test.ts", ...ON_POSTGRES_15]
            : ["{prisma,api,schema}/**/*.test.ts"],
          exclude: deep
            ? ["**/node_modules/**", CONTRACT, ...ALONE]
            : ["**/node_modules/**", "**/*.deep.test.ts"],
        },
      },
      {
        extends: true,
        resolve,
        test: {
          ...server,
          name: "contract",
          include: deep ? [CONTRACT] : [],
          exclude: ["**/node_modules/**", ...ALONE],
          isolate: true,
        },
      },
      {
        extends: true,
        resolve,
        test: {
          ...server,
          name: "alone",
          include: deep ? ALONE : [],
          isolate: true,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: ["browser"] } },
        test: {
          name: "client",
          server: { deps: { inline: [/solid-js/] } },
          include: deep ? [] : ["client/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          environment: "node",
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["api/*/src/**/*.ts", "prisma/src/**/*.ts", "schema/src/**/*.ts"],
      exclude: [
        "**/*.test.ts",
        "**/generated/**",
        "**/cli/**",
        "**/testing/**",
        "**/fixtures/**",
        "api/testkit/**",
      ],
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: { statements: 80 },
    },
  },
});

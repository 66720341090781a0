import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** SHIPLOG_DEEP=1: the suites of a stated size (`*.deep.test.ts`), and what must also hold on PostgreSQL 15. */
const deep = process.env.SHIPLOG_DEEP === "1";

/** Everything that speaks SQL of its own. */
const ON_POSTGRES_15 = [
  "prisma/src/{client,deploy,migrate,notify,transaction}.test.ts",
  "api/{core,worker}/src/**/*.test.ts",
];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        // The file that Node itself loads: Vite prefers another build of it, and two copies refuse each other's schema.
        resolve: {
          alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }],
        },
        test: {
          name: "server",
          include: deep
            ? ["{prisma,api,schema}/**/*.deep.test.ts", ...ON_POSTGRES_15]
            : ["{prisma,api,schema}/**/*.test.ts"],
          exclude: deep ? ["**/node_modules/**"] : ["**/node_modules/**", "**/*.deep.test.ts"],
          environment: "node",
          globalSetup: ["api/testkit/src/global-setup.ts"],
          testTimeout: deep ? 180_000 : 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "client",
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

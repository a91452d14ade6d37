import { defineConfig } from "vitest/config";

// On another PostgreSQL, what starts an embedded server of its own would only be the first run again; and what goes through
// the same functions as the attacks, which all run there too, tells nothing new of PostgreSQL.
const onlyOnce =
  "embedded-postgres* first-run guide tutorial demo administration-* factors* imports* keys* mail-links* notices roles saml* scim* security-policy* shared-limits* sso* tokens* edge-proxy"
    .split(" ")
    .map((name) => `tests/integration/${name}.test.ts`);
const onOtherPostgres = process.env["RINGFENCE_TEST_POSTGRES_BIN"] !== undefined;

// A shared machine stalls now and then; what fails twice is a fault. Attacks and unit tests get no second try.
const retry = process.env["CI"] === "true" ? 1 : 0;

const withCluster = { globalSetup: ["tests/cluster-setup.ts"] };

export default defineConfig({
  test: {
    // The default leaves one core idle, which of two is half the machine: most tests wait for PostgreSQL or Chromium.
    maxWorkers: "100%",
    // Each file in a process of its own would load the same modules again, seconds each.
    isolate: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["{contract,server,tools,console,tracker,bench}/**/*.test.{ts,tsx}", "tests/*.test.ts"],
          environment: "node",
          // What takes a second here takes five while other projects run.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: "tsc",
            include: ["tests/types/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json",
            ignoreSourceErrors: true,
          },
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          exclude: onOtherPostgres ? onlyOnce : [],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...withCluster,
        },
      },
      {
        test: {
          name: "attack",
          include: ["tests/attack/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...withCluster,
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...withCluster,
        },
      },
    ],
  },
});

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// On another PostgreSQL, what is the database's own: the executor's protocol, the catalog, and the attacks that each take a
// defence of its functions away or try its doors. What goes through the same functions over HTTP tells nothing new of it.
const ofPostgres = [
  ..."cluster executor executor-prepared executor-tx installed-database record-triggers resources"
    .split(" ")
    .map((name) => `tests/integration/${name}.test.ts`),
  ..."binding constraints defences grants objects one-time-defences one-time-races passes refresh-defences scim-answer scim-defences scim-many second-factor-defences sightings support walls"
    .split(" ")
    .map((name) => `tests/attack/${name}.test.ts`),
];
const onOtherPostgres = process.env["RINGFENCE_TEST_POSTGRES_BIN"] !== undefined;

// A shared machine stalls now and then; what fails twice is a fault. Attacks and unit tests get no second try.
const retry = process.env["CI"] === "true" ? 1 : 0;

const isIntegration = (name: string): boolean => name.startsWith("tests/integration/");
// Each file in a process of its own would load the same modules again. Projects do not inherit it from the root.
const inOneProcess = { isolate: false };
const withCluster = { ...inOneProcess, globalSetup: ["tests/cluster-setup.ts"] };

export default defineConfig({
  test: {
    // More than there are cores: most tests wait, for PostgreSQL, Chromium, other processes or a time to pass.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: "unit",
          include: ["{contract,server,tools,console,tracker,bench}/**/*.test.{ts,tsx}", "tests/*.test.ts"],
          environment: "node",
          ...inOneProcess,
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
          include: onOtherPostgres ? ofPostgres.filter(isIntegration) : ["tests/integration/**/*.test.ts"],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxConcurrency: 2,
          ...withCluster,
        },
      },
      {
        test: {
          name: "attack",
          include: onOtherPostgres
            ? ofPostgres.filter((name) => !isIntegration(name))
            : ["tests/attack/**/*.test.ts"],
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

/**
 * One project for each kind of test; CONTRIBUTING.md says what each kind may touch.
 * Types are checked apart (`npm run typecheck`): here swc only strips them.
 */
const shared = {
  testEnvironment: "node",
  // The Pulumi SDK looks at its own globals once more after a test file has ended.
  testEnvironmentOptions: { globalsCleanup: "off" },
  transform: { "\\.(ts|js|mjs)$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  // Published as ES modules only, so jest has to transpile them too.
  transformIgnorePatterns: ["/node_modules/(?!(hyparquet|hyparquet-compressors|hysnappy|fzstd)/)"],
  // Nothing that setup installed or a run left behind is a module of this repository.
  modulePathIgnorePatterns: ["<rootDir>/.daybreak/"],
  watchPathIgnorePatterns: ["<rootDir>/.daybreak/"],
};

/** @type {import("jest").Config} */
export default {
  projects: ["unit", "infra", "policy", "loop"].map((kind) => ({
    ...shared,
    displayName: kind,
    testMatch: [`<rootDir>/{,local/}test/${kind}/**/*.test.ts`],
  })),
  // A loop test carries a whole pipeline; it ends by itself, this is only the guard against a hang.
  testTimeout: 1_800_000,
};

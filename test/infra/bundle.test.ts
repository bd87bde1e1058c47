import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { bundleAll, bundleHandler } from "../../infra/bundle";
import { root } from "./support/root";

const handlers = readdirSync(join(root, "lambdas")).filter((name) => name !== "shared");

describe("Lambda bundles", () => {
  let elsewhere: string;

  beforeAll(() => {
    elsewhere = mkdtempSync(join(tmpdir(), "daybreak-bundle-"));
    for (const folder of ["lambdas", "contracts", "spec", "package.json", "tsconfig.json"]) {
      cpSync(join(root, folder), join(elsewhere, folder), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(elsewhere, "node_modules"));
  });

  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  it.each(handlers)("%s is one file that exports its handler", (name) => {
    const code = bundleHandler(root, name);
    expect(code).toContain("handler:()=>");
    expect(code).not.toContain(root);
  });

  it.each(handlers)("%s is the same from another folder", (name) => {
    expect(bundleHandler(elsewhere, name)).toBe(bundleHandler(root, name));
  });

  it("is small on the way of a prediction, which waits for a new instance of the Lambda to load", () => {
    expect(Buffer.byteLength(bundleHandler(root, "serve-predict"))).toBeLessThan(100_000);
  });

  it("names the Lambdas there are when one is not", () => {
    expect(() => bundleHandler(root, "serve-predicd")).toThrow(/no Lambda "serve-predicd".*serve-predict/);
  });
});

describe("a bundle on disk", () => {
  let repository: string;
  const kept = () => join(repository, ".daybreak", "bundles", "greet.json");
  const bundle = () => bundleAll(repository).get("greet") ?? "";

  /** Saved a minute ago: what is saved while a bundle is being made is not kept. */
  function save(path: string, text: string): void {
    const file = join(repository, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    const earlier = Date.now() / 1000 - 60;
    utimesSync(file, earlier, earlier);
  }

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), "daybreak-bundle-"));
    save("lambdas/greet/handler.ts", 'import { word } from "../shared/word";\nexport const handler = () => word;');
    save("lambdas/shared/word.ts", 'export { word } from "./words/index";');
    save("lambdas/shared/words/index.ts", 'export const word = "hello";');
  });
  afterEach(() => rmSync(repository, { recursive: true, force: true }));

  /** Puts another text into the bundle on disk, under a key that fits it or not. */
  function change(what: (text: string) => string): void {
    const { text, ...others } = JSON.parse(readFileSync(kept(), "utf8"));
    writeFileSync(kept(), JSON.stringify({ ...others, text: what(text) }));
  }

  it("is used while nothing changed", () => {
    const first = bundle();
    const { mtimeMs } = statSync(kept());
    expect(bundle()).toBe(first);
    expect(statSync(kept()).mtimeMs).toBe(mtimeMs);
  });

  it.each([
    ["an input that a second one imports", "lambdas/shared/words/index.ts", 'export const word = "good day";'],
    ["a file that takes the place of another", "lambdas/shared/word.js", 'export const word = "good day";'],
  ])("is made again for %s", (_what, path, text) => {
    bundle();
    save(path, text);
    // esbuild prefers TypeScript: the new file counts once the old one is gone.
    if (path.endsWith(".js")) rmSync(join(repository, "lambdas/shared/word.ts"));
    expect(bundle()).toContain("good day");
  });

  it.each([
    ["another text", () => change((text) => text.replace("hello", "hijacked"))],
    ["half a file", () => writeFileSync(kept(), readFileSync(kept(), "utf8").slice(0, 100))],
    ["something else", () => writeFileSync(kept(), "null")],
  ])("is made again when it holds %s", (_what, damage) => {
    const first = bundle();
    damage();
    expect(bundle()).toBe(first);
    expect(JSON.parse(readFileSync(kept(), "utf8")).text).toBe(first);
  });
});

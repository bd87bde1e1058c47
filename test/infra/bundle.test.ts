import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bundleHandler } from "../../infra/bundle";
import { root } from "./support/root";

const handlers = readdirSync(join(root, "lambdas")).filter((name) => name !== "shared");

describe("Lambda bundles", () => {
  let elsewhere: string;

  beforeAll(() => {
    elsewhere = mkdtempSync(join(tmpdir(), "daybreak-bundle-"));
    for (const folder of ["lambdas", "spec", "package.json", "tsconfig.json"]) {
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

  it("names the Lambdas there are when one is not", () => {
    expect(() => bundleHandler(root, "serve-predicd")).toThrow(/no Lambda "serve-predicd".*serve-predict/);
  });
});

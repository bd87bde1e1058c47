import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import {
  ArchiveContent,
  changedKeys,
  FileContent,
  Secret,
  storableForm,
  storableInputs,
  UNKNOWN,
} from "../../../deploy/values";
import { decode } from "../../../deploy/wire";
import { temporaryFolder } from "./fake-cloud";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe("an archive", () => {
  test("does not depend on the order of its files", () => {
    const file = (text: string) => new FileContent({ text });

    const archive = new ArchiveContent({ assets: { "a.js": file("a"), "b.js": file("b") } });

    expect(new ArchiveContent({ assets: { "b.js": file("b"), "a.js": file("a") } }).zipped()).toEqual(archive.zipped());
  });

  test("of a folder depends only on names and contents, not on times or the folder's path", () => {
    const make = (name: string, time: number) => {
      const path = join(folder.path, name);
      mkdirSync(join(path, "lib"), { recursive: true });
      writeFileSync(join(path, "index.js"), "1");
      writeFileSync(join(path, "lib", "empty.js"), "");
      utimesSync(join(path, "index.js"), time, time);
      return new ArchiveContent({ path });
    };

    expect(make("here", 1e9).zipped()).toEqual(make("there", 2e9).zipped());
  });

  test("of assets has the same content as the folder", () => {
    const path = join(folder.path, "code");
    mkdirSync(join(path, "lib"), { recursive: true });
    writeFileSync(join(path, "index.js"), "1");
    writeFileSync(join(path, "lib", "help.js"), "2");
    const text = (content: string) => new FileContent({ text: content });

    const assets = new ArchiveContent({ assets: { "lib/help.js": text("2"), "index.js": text("1") } });

    expect(assets.zipped()).toEqual(new ArchiveContent({ path }).zipped());
  });
});

describe("the storable form", () => {
  test("contains no secret and no file", () => {
    const inputs = { token: new Secret("t0ken"), file: new FileContent({ text: "contents" }), long: "x".repeat(5000) };

    const text = JSON.stringify(storableForm(inputs, "salt"));

    expect(text).not.toContain("t0ken");
    expect(text).not.toContain("contents");
    expect(text.length).toBeLessThan(500);
  });

  test("of a secret depends on the salt, so that it cannot be looked up", () => {
    expect(storableForm(new Secret("a"), "one")).not.toEqual(storableForm(new Secret("a"), "two"));
  });

  test("is unchanged if only the order of keys changes", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(changedKeys(storableInputs({ object }, ""), storableInputs({ object: reversed }, ""))).toEqual([]);
      }),
    );
  });

  test("shows which keys changed", () => {
    expect(changedKeys({ a: 1, b: { c: 2 }, d: 3 }, { a: 1, b: { c: 3 }, e: 4 })).toEqual(["b", "d", "e"]);
  });
});

describe("the SDK's wire format", () => {
  test.each([
    ["plain values", { a: [1, "b", null] }],
    ["nested objects", { a: { b: { c: true } } }],
  ])("is read: %s", async (_, value) => {
    const wire = await pulumi.runtime.serializeProperties("test", value);

    expect(decode(wire)).toMatchObject({ a: expect.anything() });
  });

  test("is read: assets, archives, an empty file, an unknown value", async () => {
    const wire = await pulumi.runtime.serializeProperties("test", {
      code: new pulumi.asset.AssetArchive({
        "index.js": new pulumi.asset.StringAsset("1"),
        "__init__.py": new pulumi.asset.StringAsset(""),
      }),
    });

    expect(decode(wire)).toEqual({
      code: new ArchiveContent({
        assets: { "index.js": new FileContent({ text: "1" }), "__init__.py": new FileContent({ text: "" }) },
      }),
    });
    expect(decode({ a: pulumi.runtime.unknownValue })).toEqual({ a: UNKNOWN });
  });
});

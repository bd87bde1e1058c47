import { execFileSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Files, hashFiles, zip } from "../../infra/archives";
import { readEtlPackage, readGlueScripts, readModelSource } from "../../infra/sources";
import { root } from "./support/root";

/** Unpacks an archive with Python, as Glue does, and returns the files' content as hex. */
function openedByPython(archive: Buffer): Record<string, string> {
  const program = `import io,json,sys,zipfile
archive=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
print(json.dumps({name: archive.read(name).hex() for name in archive.namelist()}))`;
  const output = execFileSync("python3", ["-c", program], { input: archive, encoding: "utf8" });
  return JSON.parse(output) as Record<string, string>;
}

const asHex = (files: Files) =>
  Object.fromEntries([...files].map(([path, content]) => [path, content.toString("hex")]));

const samples: [string, Files][] = [
  ["no files", new Map()],
  ["an empty file", new Map([["etl/__init__.py", Buffer.alloc(0)]])],
  [
    "text, binary files and folders",
    new Map([
      ["z.py", Buffer.from("print('ä')\n")],
      ["etl/deep/er.py", Buffer.from([0, 255, 10, 13, 0])],
      ["a.py", Buffer.alloc(3000, 7)],
    ]),
  ],
];

describe.each(samples)("an archive of %s", (_what, files) => {
  it("unpacks from zip with the same content", () => {
    expect(openedByPython(zip(files))).toEqual(asHex(files));
  });
});

describe("archives and hashes", () => {
  const files = fc
    .array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?\.py$/), fc.uint8Array({ maxLength: 700 })))
    .map((entries) => new Map(entries.map(([path, content]) => [path, Buffer.from(content)])));

  it("do not depend on the order of the files", () => {
    fc.assert(
      fc.property(files, (some) => {
        const reversed: Files = new Map([...some].reverse());
        expect(zip(reversed).equals(zip(some))).toBe(true);
        expect(hashFiles(reversed)).toBe(hashFiles(some));
      }),
    );
  });

  it("change with any change of a file's name or content", () => {
    fc.assert(
      fc.property(files, fc.constantFrom("name", "content"), (some, what) => {
        const [first] = some;
        fc.pre(first !== undefined);
        const [path, content] = first ?? ["", Buffer.alloc(0)];
        const changed = new Map(some);
        changed.delete(path);
        if (what === "name") changed.set(`${path}x`, content);
        else changed.set(path, Buffer.concat([content, Buffer.from("x")]));
        expect(hashFiles(changed)).not.toBe(hashFiles(some));
      }),
    );
  });
});

describe("the Python sources", () => {
  it("contain one script per stage, the package below etl/, and the model code without a top folder", () => {
    expect(readGlueScripts(root).train.fileName).toBe("train_dataset.py");
    expect([...readEtlPackage(root).keys()]).toContain("etl/__init__.py");
    expect([...readModelSource(root).keys()]).toEqual(
      expect.arrayContaining(["train.py", "evaluate.py", "serve.py", "hyperparameters.json"]),
    );
  });

  it("report which folder an incomplete checkout lacks", () => {
    expect(() => readModelSource("/nowhere")).toThrow(/no folder .*model/);
  });
});

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { referencePath, referenceText } from "../../../spec/reference";

const root = resolve(__dirname, "../../..");

describe("the configuration reference", () => {
  it("is up to date (run npm run schema)", () => {
    expect(readFileSync(resolve(root, referencePath), "utf8")).toBe(referenceText(root));
  });

  it("contains the limits, the default and the meaning of a key", () => {
    expect(referenceText(root)).toContain(
      "| `every_hours` | integer above 0, at most 168 | `24` | The number of hours between two checks. |",
    );
  });

  it("lists each kind of rule with its members", () => {
    expect(referenceText(root)).toContain("| `rows[] range` | rule |");
  });
});

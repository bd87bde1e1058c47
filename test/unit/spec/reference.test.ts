import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { referencePath, referenceText } from "../../../spec/reference";

const root = resolve(__dirname, "../../..");

describe("the configuration reference", () => {
  it("is what the schema says today (npm run schema writes it)", () => {
    expect(readFileSync(resolve(root, referencePath), "utf8")).toBe(referenceText(root));
  });

  it("gives the limits, the default and the meaning of a key", () => {
    expect(referenceText(root)).toContain(
      "| `min_samples` | integer above 0 | `300` | With fewer captured requests since the last check, a drift check is skipped. |",
    );
  });

  it("lists each kind of rule with its members", () => {
    expect(referenceText(root)).toContain("| `rows[] range` | rule |");
  });
});

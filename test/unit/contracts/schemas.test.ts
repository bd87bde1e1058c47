import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { catalog } from "../../../contracts/catalog";
import { schemasFolder, schemaText } from "../../../contracts/json-schema";

const folder = resolve(__dirname, "../../..", schemasFolder);
const names = Object.keys(catalog);

describe("the contracts' JSON Schemas", () => {
  test.each(names)("%s is up to date (run npm run schema)", (name) => {
    expect(readFileSync(join(folder, `${name}.json`), "utf8")).toBe(schemaText(name));
  });

  test("exist for exactly the contracts", () => {
    expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.json`).sort());
  });

  test("are not generated for an unknown contract, which the error names", () => {
    expect(() => schemaText("weather")).toThrow('There is no contract "weather"');
  });
});

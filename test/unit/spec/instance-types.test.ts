import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "@jest/globals";
import { instanceTypesPath, instanceTypesText } from "../../../spec/sdk-instance-types";

it("the list of instance types is the installed AWS SDK's (run npm run schema)", () => {
  expect(readFileSync(resolve(__dirname, "../../..", instanceTypesPath), "utf8")).toBe(instanceTypesText());
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { securityPath, securityText } from "../../cli/security/page";
import { root } from "./support/root";

it("the table of roles is up to date (run npm run schema)", async () => {
  const page = readFileSync(join(root, securityPath), "utf8");
  expect(page).toBe(await securityText(page));
});

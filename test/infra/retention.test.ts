import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { retentionKeys, retentionPath, retentionText } from "../../infra/lake/retention";
import { root } from "./support/root";

it("the page on retention is up to date (run npm run schema) and has every setting", () => {
  const text = readFileSync(join(root, retentionPath), "utf8");
  expect(text).toBe(retentionText());
  for (const key of retentionKeys) expect(text).toContain(`| \`${key}\` |`);
});

/** The smallest pipeline of docs/first-pipeline.md is complete and valid as it stands there. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { loadPipeline } from "../../../spec/load";
import { typeSpellings } from "../../../spec/spellings";

const guide = readFileSync(join(__dirname, "../../../docs/first-pipeline.md"), "utf8");

/** The code blocks of the guide, in their order. */
const blocks = [...guide.matchAll(/^```(yaml|sql)\n([\s\S]*?)^```$/gm)].map(([, , text = ""]) => text);

describe("docs/first-pipeline.md", () => {
  it("has a pipeline that can be copied as it is", () => {
    const folder = join(mkdtempSync(join(tmpdir(), "daybreak-guide-")), "orders");
    mkdirSync(folder);
    ["pipeline.yaml", "features.sql", "label.sql"].forEach((name, at) => {
      writeFileSync(join(folder, name), blocks[at] ?? "");
    });

    const spec = loadPipeline(folder);

    expect(spec.name).toBe("orders");
    for (const column of Object.keys(spec.features.columns)) expect(spec.features_sql).toContain(`AS ${column}`);
    expect(spec.label_sql).toContain(`AS ${spec.label.name}`);
  });

  it("lists every accepted spelling of a type", () => {
    for (const spelling of Object.keys(typeSpellings)) expect(guide).toContain(`\`${spelling}\``);
  });
});

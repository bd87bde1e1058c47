import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findPipeline, inspectPipeline, listPipelines, loadPipeline } from "../../../spec/load";
import { goodSql, goodYaml } from "./pipeline-yaml";

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "daybreak-spec-"));
  folder = join(root, "shop");
  mkdirSync(folder);
  writeFileSync(join(folder, "pipeline.yaml"), goodYaml);
  writeFileSync(join(folder, "features.sql"), goodSql);
  writeFileSync(join(folder, "label.sql"), goodSql);
});

afterEach(() => rmSync(root, { recursive: true }));

describe("loading a pipeline folder", () => {
  it("returns the configuration and the text of both queries", () => {
    expect(loadPipeline(folder)).toMatchObject({ name: "shop", features_sql: goodSql, label_sql: goodSql });
  });

  it("reports the problems of all three files at once", () => {
    writeFileSync(join(folder, "pipeline.yaml"), goodYaml.replace("window_days: 7", "window_days: no"));
    writeFileSync(join(folder, "features.sql"), "-- to do\n");
    rmSync(join(folder, "label.sql"));
    expect(() => loadPipeline(folder)).toThrow(
      /features.sql: contains no query: write one SELECT\n.*label.sql: is missing: a pipeline folder must contain this file\n.*pipeline.yaml:19:16 /,
    );
  });

  it("requires the pipeline to have its folder's name", () => {
    writeFileSync(join(folder, "pipeline.yaml"), goodYaml.replace("name: shop", "name: store"));
    expect(() => loadPipeline(folder)).toThrow("pipeline.yaml:1:7 name: must be the folder's name, shop, got store");
  });

  it("rejects other files and says what to do with them", () => {
    writeFileSync(join(folder, "feature.sql"), "");
    writeFileSync(join(folder, "pipeline.yml"), "");
    writeFileSync(join(folder, "data.csv"), "");
    writeFileSync(join(folder, ".DS_Store"), "");
    expect(() => loadPipeline(folder)).toThrow(
      /data.csv: .*; move this file elsewhere\n.*feature.sql: .*\(did you mean features.sql\?\)\n.*pipeline.yml: .*rename this file to pipeline.yaml$/,
    );
  });

  it("reports a missing folder and a missing pipeline.yaml", () => {
    expect(() => loadPipeline(join(root, "nothing"))).toThrow("this pipeline folder does not exist");
    rmSync(join(folder, "pipeline.yaml"));
    expect(() => loadPipeline(folder)).toThrow("pipeline.yaml: is missing");
  });

  it.each<[string, string]>([
    ["DROP TABLE events", "must be one SELECT (or WITH … SELECT), got a statement that starts with DROP"],
    ["SELECT 1; SELECT 2", "contains 2 statements"],
    ["1", 'starts with "1"'],
  ])("rejects the query %j", (sql, expected) => {
    writeFileSync(join(folder, "features.sql"), sql);
    expect(() => loadPipeline(folder)).toThrow(expected);
  });

  it.each([
    "-- a comment; with a semicolon\nSELECT ';' AS a, \"x;\" AS b, `c;` FROM events;\n",
    "/* SELECT */ WITH recent AS (SELECT 1) SELECT * FROM recent",
    "(select 1) union all (select 2 - 1 / 3)",
  ])("accepts the query %j", (sql) => {
    writeFileSync(join(folder, "features.sql"), sql);
    expect(loadPipeline(folder).features_sql).toBe(sql);
  });
});

describe("inspecting a pipeline folder with mistakes", () => {
  const inspect = (from: string, to: string) => {
    writeFileSync(join(folder, "pipeline.yaml"), goodYaml.replace(from, to));
    return inspectPipeline(folder);
  };
  const keys = ({ problems }: ReturnType<typeof inspect>) => problems.map(({ key }) => key);

  it("keeps what is right of the quality rules, at its position, for Spark to check", () => {
    const rule = "{rule: expression, name: sane, sql: quantity >> 0}";
    const inspected = inspect(
      "- {rule: range, field: quantity, min: 1",
      `- {rule: range, field: quantty, min: no}\n    - ${rule}\n    - {rule: range, field: quantity, min: 1`,
    );
    expect(keys(inspected)).toEqual(["quality.rows[0].field", "quality.rows[0].min"]);
    expect(inspected.checkable?.quality.rows).toMatchObject([
      { rule: "not_null", field: "customer_id" },
      { rule: "expression", sql: "quantity >> 0" },
      { rule: "range", field: "quantity" },
      { rule: "enum" },
    ]);
  });

  it.each([
    ["window_days: 7", "window_days: no"],
    ["horizon_days: 14", "horizon_days: no"],
    ["name: shop", "name: store\ntrainning: {}"],
    ["dataset:", "dataset: no\n  datasets:"],
  ])("gives Spark its SQL to check where the SQL does not depend on them: %s", (from, to) => {
    const inspected = inspect(from, to);
    expect(inspected.problems).not.toEqual([]);
    expect(inspected.checkable).toMatchObject({ name: "shop", entity: "customer_id", features_sql: goodSql });
  });

  it.each([
    ["entity: customer_id", "entity: custmer_id"],
    ["quantity: integer", "quantity: integr"],
    ["  fields:", "  felds:"],
    ["columns: {clicks: integer", "columns: {clicks: int3ger"],
    ["name: churned", "nam: churned"],
  ])("does not where its SQL would be found mistaken because of them: %s", (from, to) => {
    expect(inspect(from, to).checkable).toBeUndefined();
  });
});

describe("finding a pipeline by name", () => {
  it("lists the folders that contain a pipeline.yaml", () => {
    mkdirSync(join(root, "empty"));
    expect(listPipelines(root)).toEqual(["shop"]);
    expect(listPipelines(join(root, "none"))).toEqual([]);
    expect(findPipeline(root, "shop")).toBe(folder);
  });

  it("lists the existing pipelines and suggests the most similar one", () => {
    expect(() => findPipeline(root, "shp")).toThrow(
      /there is no pipeline "shp" \(did you mean shop\?\); existing pipelines: shop/,
    );
    expect(() => findPipeline(join(root, "none"), "shop")).toThrow("the folder contains no pipelines");
  });
});

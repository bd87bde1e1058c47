import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { PipelineError, parsePipeline } from "../../../spec/load";
import { formatPath } from "../../../spec/locate";
import { pipelineSchema } from "../../../spec/pipeline";
import { goodYaml } from "./pipeline-yaml";

const file = "pipelines/shop/pipeline.yaml";

/** The messages for the valid file with one piece of text replaced. */
function mistakes(from: string | RegExp, to: string): string[] {
  const yaml = goodYaml.replace(from, to);
  expect(yaml).not.toBe(goodYaml);
  return messagesOf(yaml);
}

function messagesOf(yaml: string): string[] {
  try {
    parsePipeline(yaml, file);
  } catch (error) {
    expect(error).toBeInstanceOf(PipelineError);
    return (error as PipelineError).message.split("\n");
  }
  return [];
}

describe("a valid pipeline.yaml", () => {
  it("gets every default", () => {
    const config = parsePipeline(goodYaml, file);
    expect(config.events.fields.quantity).toEqual({ type: "integer", required: true, description: "" });
    expect(config.monitoring).toMatchObject({ drift: { alpha: 0.005, effect: 0.1 }, cooldown_hours: 24 });
    expect(config.schedule).toEqual({ time: "05:00", time_zone: "UTC", train: "daily" });
    expect(config.gates.minimum).toEqual({ auc: 0.6 });
  });

  it.each([
    ["int", "integer"],
    ["Float", "double"],
    ["bool", "boolean"],
    ["datetime", "timestamp"],
  ])("accepts the alternative spelling %s for %s", (written, meant) => {
    const config = parsePipeline(goodYaml.replace("kind: string", `kind: string\n    extra: ${written}`), file);
    expect(config.events.fields.extra?.type).toBe(meant);
  });
});

describe("invalid keys", () => {
  it("are reported with file, line, column, key, expected and actual value, and a suggestion", () => {
    expect(mistakes("quantity: integer", "quantity: {type: intger}")).toEqual([
      `${file}:8:22 events.fields.quantity.type: expected one of string, integer, double, boolean, timestamp, got "intger" (did you mean integer?)`,
    ]);
  });

  it("are reported at the position of a short form", () => {
    expect(mistakes("quantity: integer", "quantity: decimal")).toEqual([
      `${file}:8:15 events.fields.quantity.type: expected one of string, integer, double, boolean, timestamp, got "decimal"`,
    ]);
  });

  it("are reported with the known key for a typo, also inside a rule", () => {
    expect(mistakes("horizon_days: 14", "horizon_days: 14\n  horizon_day: 3")).toEqual([
      `${file}:24:3 label.horizon_day: is not a known key (did you mean horizon_days?)`,
    ]);
    expect(mistakes("field: quantity, min", "field: quantity, mn")).toEqual([
      `${file}:13:38 quality.rows[0].mn: is not a known key (did you mean min?)`,
    ]);
    expect(mistakes("{type: double, required: false}", "{type: double, requird: false}")).toEqual([
      `${file}:9:28 events.fields.amount.requird: is not a known key (did you mean required?)`,
    ]);
  });

  it("are reported with all known keys if none is similar", () => {
    expect(mistakes("horizon_days: 14", "horizon_days: 14\n  zzz: 3")).toEqual([
      `${file}:24:3 label.zzz: is not a known key; known keys: name, horizon_days, description`,
    ]);
  });

  it("are reported with the known rules", () => {
    expect(mistakes("rule: range", "rule: ranges")).toEqual([
      `${file}:13:14 quality.rows[0].rule: expected one of not_null, range, enum, pattern, expression, got "ranges" (did you mean range?)`,
    ]);
    expect(mistakes("{rule: range, field", "{field")).toEqual([
      `${file}:13:7 quality.rows[0].rule: is missing: expected one of not_null, range, enum, pattern, expression`,
    ]);
  });

  it.each<[string, string, string]>([
    ["window_days: 7", "window_days: 0", "features.window_days: expected a number, more than 0, got 0"],
    ["window_days: 7", "window_days: 7.5", "features.window_days: expected an integer, got 7.5"],
    ["window_days: 7", "window_days: 1000", "features.window_days: expected a number, at most 730, got 1000"],
    ["window_days: 7", "window_days: yes", 'features.window_days: expected a number, got "yes"'],
    ["window_days: 7", "window_days:", "features.window_days: expected a number, got no value"],
    ["values: [click, cart]", "values: []", "quality.rows[1].values: expected at least 1 entry, got []"],
    ["values: [click, cart]", "values: click", 'quality.rows[1].values: expected a list, got "click"'],
    ["name: churned", "name: Churned", "label.name: must be lower-case letters"],
    ["kind: string", "Kind: string", "events.fields.Kind: the name must be lower-case letters"],
    ["name: shop", "name: shop\nalerts: {email: [me]}", 'alerts.email[0]: expected an e-mail address, got "me"'],
    [
      "name: shop",
      "name: shop\nschedule: {time: 5:30}",
      'schedule.time: must be a time of day such as 05:30, got "5:30"',
    ],
    ["name: shop", "name: shop\nschedule: {time_zone: Mars/Base}", "schedule.time_zone: must be an IANA time zone"],
    ["name: shop", "name: shop\nschedule: {time_zone: '+02:00'}", "schedule.time_zone: must be an IANA time zone"],
    ["name: shop", "name: shop\ntraining: {hyperparameters: {eta: [1]}}", "eta: expected a number, got [1]"],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {eta: 2}}",
      "training.hyperparameters.eta: expected a number, at most 1, got 2",
    ],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {max_depth: deep}}",
      'max_depth: expected a number, got "deep"',
    ],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {max_dept: 3}}",
      "training.hyperparameters.max_dept: is not a known key (did you mean max_depth?)",
    ],
    [
      "name: shop",
      "name: shop\ntraining: {instance_type: ml.m5.lrge}",
      'SageMaker has for training and processing, such as ml.m5.large, got "ml.m5.lrge" (did you mean ml.m5.large?)',
    ],
    [
      "name: shop",
      "name: shop\nserving: {instance_type: m5.huge}",
      "expected an instance type that SageMaker has for endpoints",
    ],
    ["name: shop", "name: shop\ngates: {minimum: {}}", "gates.minimum: needs a metric with a minimum above 0"],
    ["name: shop", "name: shop\ngates: {minimum: {auc: 0}}", "gates.minimum: needs a metric with a minimum above 0"],
    ["kind: string", "kind: constructor", "events.fields.kind.type: expected one of string, integer"],
    [
      "name: shop",
      "name: shop\napproval: {mode: auto}",
      'approval.mode: expected one of manual, automatic, got "auto" (did you mean automatic?)',
    ],
    ["name: shop", "name: shop\nserving: none", 'serving: expected a mapping, got "none"'],
    ["entity: customer_id\n", "", "entity: is missing: expected a string"],
    ["required: false", "required: 'no'", 'events.fields.amount.required: expected true or false, got "no"'],
  ])("%s → %s", (from, to, expected) => {
    expect(mistakes(from, to).join("\n")).toContain(expected);
  });

  it("are reported all at once, in the order of the file", () => {
    const yaml = goodYaml.replace("quantity: integer", "quantity: nope").replace("window_days: 7", "window_days: -1");
    expect(messagesOf(yaml).map((line) => line.split(":")[1])).toEqual(["8", "19"]);
  });
});

describe("YAML that cannot be parsed", () => {
  it.each<[string, string]>([
    ["", "is empty"],
    ["# nothing but a comment\n", "is empty"],
    ["name: a\nname: b\n", `${file}:2:1: this key is defined twice`],
    ["events:\n\tfields: 1\n", "indented with a tab"],
    ["name: [shop\n", "invalid YAML"],
    ["- a list\n", "expected a mapping"],
  ])("%j", (yaml, expected) => {
    expect(messagesOf(yaml).join("\n")).toContain(expected);
  });
});

describe("inconsistent keys", () => {
  it.each<[string | RegExp, string, string]>([
    [
      "entity: customer_id",
      "entity: custmer_id",
      "2:9 entity: the entity is custmer_id, which is not defined in events.fields (did you mean customer_id?)",
    ],
    [
      "customer_id: string",
      "customer_id: double",
      "7:18 events.fields.customer_id.type: the entity must be of type string or integer, got double",
    ],
    ["event_time: timestamp", "event_time: string", "the event time must be of type timestamp, got string"],
    ["event_id: string", "event_id: {type: string, required: false}", "the event id must be required"],
    ["entity: customer_id", "entity: event_id", "the event id and the entity are both event_id"],
    ["kind: string", "kind: string\n    as_of: timestamp", "11:5 events.fields.as_of: as_of is a reserved column"],
    ["field: quantity", "field: constructor", "constructor is not defined in events.fields (known fields: "],
    ["entity: customer_id", "entity: constructor", "the entity is constructor, which is not defined in events.fields"],
    ["field: quantity", "field: quantty", "quantty is not defined in events.fields (did you mean quantity?)"],
    ["field: quantity", "field: kind", "the rule range requires a field of type integer or double; kind is string"],
    ["field: kind", "field: quantity", "the rule enum requires a field of type string; quantity is integer"],
    [", min: 1, max: 10", "", "quality.rows[0]: a range rule must have min, max or both"],
    ["min: 1, max: 10", "min: 11, max: 10", "min 11 is above max 10: no value could pass"],
    ["min_rows: 1,", "min_rows: 2000,", "min_rows 2000 is above max_rows 1000"],
    [
      "field: amount, max: 0.1",
      "field: amunt, max: 0.1",
      "quality.dataset[1].field: amunt is not defined in events.fields (did you mean amount?)",
    ],
    [
      "- {rule: null_share",
      "- {rule: unique, fields: [event_id, nope]}\n    - {rule: null_share",
      "quality.dataset[1].fields[1]: nope is not defined in",
    ],
    ["clicks: integer", "write_time: integer", "features.columns.write_time: write_time is a reserved column"],
    ["clicks: integer", "customer_id: string", "customer_id is the entity, which is part of every feature row"],
    [/columns: .*/, "columns: {}", "a model needs at least one feature column"],
    ["name: churned", "name: clicks", "label.name: clicks is also a feature, so the label would leak"],
    ["name: churned", "name: customer_id", "label.name: customer_id is already a column of every training set"],
    [
      "name: shop",
      "name: shop\ntraining: {validation_share: 0.5, test_share: 0.5}",
      "validation_share and test_share add up to 1: no rows are left for training",
    ],
    [
      "name: shop",
      "name: shop\nserving: {instance_count: 4, autoscaling: {max_instances: 4, requests_per_instance: 60}}",
      "serving.autoscaling.max_instances: must be above serving.instance_count, 4",
    ],
    [
      "name: shop",
      "name: shop\nserving: {instance_type: ml.t2.medium, autoscaling: {max_instances: 4, requests_per_instance: 60}}",
      "serving.instance_type: ml.t2.medium is burstable",
    ],
    ["name: shop", "name: shop\nserving: {autoscaling: {max_instances: 4}}", "serving.autoscaling"],
    ["name: shop", "name: shop\ntraining: {test_share: 0}", "training.test_share: must be above 0"],
    ["name: shop", "name: shop\ntraining: {history_days: 41}", "training.history_days: must be at least 42, got 41"],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {seed: 3}}",
      "training.hyperparameters.seed: is set by training.seed",
    ],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {threshold: 0.3}}",
      "training.hyperparameters.threshold: is set by serving.threshold",
    ],
    [
      "name: shop",
      "name: shop\nserving: {costs: {contact_cost: 12, saved_value: 40, save_rate: 0.3}}",
      "serving.costs.contact_cost: 12 is not below save_rate · saved_value = 12",
    ],
    ["name: shop", "name: shop\nserving: {threshold: best}", "serving.threshold: "],
    [
      "name: shop",
      "name: shop\nsegments: {click: [2]}",
      "segments.click: is not defined in features.columns (did you mean clicks?)",
    ],
    [
      "name: shop",
      "name: shop\nsegments: {clicks: categories}",
      "segments.clicks: clicks is a number: write its cut points",
    ],
    [
      "name: shop",
      "name: shop\nsegments: {kind_of_day: [1]}",
      "segments.kind_of_day: kind_of_day is a string column: write categories",
    ],
    [
      "name: shop",
      "name: shop\nsegments: {clicks: [3, 3]}",
      "segments.clicks: the cut points must be in ascending order",
    ],
    [
      "name: shop",
      "name: shop\ntraining: {hyperparameters: {sagemaker_program: x}}",
      "names starting with sagemaker_ are reserved by SageMaker",
    ],
  ])("%s → %s", (from, to, expected) => {
    expect(mistakes(from, to).join("\n")).toContain(expected);
  });

  it("include two expression rules with the same name", () => {
    const rule = "- {rule: expression, name: sane, sql: quantity > 0}";
    expect(mistakes("  dataset:", `    ${rule}\n    ${rule}\n  dataset:`).join("\n")).toContain(
      "quality.rows[3].name: another rule is already named sane",
    );
  });

  it("include two names of one hyperparameter", () => {
    expect(mistakes("name: shop", "name: shop\ntraining: {hyperparameters: {eta: 0.1, learning_rate: 0.1}}")).toEqual([
      `${file}:2:40 training.hyperparameters.learning_rate: is another name of eta, which is set too; keep one of them`,
    ]);
  });

  it("accepts a field that is named like something that every object has", () => {
    expect(messagesOf(goodYaml.replace("kind: string", "kind: string\n    constructor: string"))).toEqual([]);
  });

  it("do not include the shortest history that can be split", () => {
    expect(messagesOf(`${goodYaml}training: {history_days: 42}\n`)).toEqual([]);
  });
});

describe("a mistake in one key", () => {
  it("hides no other mistake, whether in a key or between keys", () => {
    const yaml = goodYaml
      .replace("name: shop", "name: Shop\ntraining: {history_days: many, test_share: 0}")
      .replace("entity: customer_id", "entity: custmer_id")
      .replace("amount: {type: double,", "amount: {type: dubble,")
      .replace("field: quantity, min: 1, max: 10", "field: quantty, mim: 1")
      .replace("min_rows: 1, max_rows: 1000", "min_rows: 2000, max_rows: 1000")
      .replace("clicks: integer,", "clicks: integre, as_of: string,")
      .replace("name: churned", "name: clicks");
    expect(messagesOf(yaml).map((line) => line.split(/:\d+ |: /)[1])).toEqual([
      "name",
      "training.history_days",
      "training.test_share",
      "entity",
      "events.fields.amount.type",
      "quality.rows[0].field",
      "quality.rows[0].mim",
      "quality.dataset[0].min_rows",
      "features.columns.clicks.type",
      "features.columns.as_of",
      "label.name",
    ]);
  });

  const whole = JSON.stringify(pipelineSchema.parse(parse(goodYaml)));

  /** The paths of all values below one. */
  function pathsIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== "object" || value === null) return [path];
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    return [...(path.length > 0 ? [path] : []), ...entries.flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
  }

  /** The keys of the mistakes in the valid file after a change of the object or list at a path. */
  function keysAfter(
    path: readonly (string | number)[],
    change: (holder: object, key: string | number) => void,
  ): string[] {
    const document: unknown = JSON.parse(whole);
    let holder = document;
    for (const key of path.slice(0, -1)) holder = Reflect.get(holder as object, key);
    change(holder as object, path.at(-1) ?? "");
    try {
      parsePipeline(JSON.stringify(document), file);
    } catch (error) {
      return (error as PipelineError).problems.map(({ key }) => key);
    }
    return [];
  }

  const paths = pathsIn(JSON.parse(whole));

  it.each(paths.map((path) => [formatPath(path), path] as const))(
    "%s causes no other: a value of another kind",
    (key, path) => {
      const keys = keysAfter(path, (holder, last) => Reflect.set(holder, last, Number.NaN));
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((one) => !one.startsWith(key))).toEqual([]);
    },
  );

  // The names of fields, columns and hyperparameters are free: another name is another field.
  const isFree = (path: readonly (string | number)[]) =>
    typeof path.at(-1) === "number" || /(fields|columns)\.[^.]*$/.test(formatPath(path));
  it.each(paths.filter((path) => !isFree(path)).map((path) => [formatPath(path), path] as const))(
    "%s causes no other: a misspelt key",
    (key, path) => {
      const keys = keysAfter(path, (holder, last) => {
        Reflect.set(holder, `${last}_x`, Reflect.get(holder, last));
        Reflect.deleteProperty(holder, last);
      });
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((one) => one !== key && one !== `${key}_x`)).toEqual([]);
    },
  );
});

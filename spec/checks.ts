/** Checks that the keys of a pipeline.yaml are consistent with each other, which the schema cannot check. */
import { leastHistoryDays } from "./history";
import { doubled } from "./hyperparameters";
import { nearest } from "./nearest";
import type { EventFieldType, PipelineConfig } from "./pipeline";

/** An inconsistency at a path of pipeline.yaml. */
export interface Mismatch {
  path: PropertyKey[];
  message: string;
  /** Whether to report the position of the key instead of its value. */
  atKey?: boolean;
}

/** Columns that the SQL views and Feature Store's tables add themselves. */
export const reservedColumns = ["as_of", "event_time", "write_time", "api_invocation_time", "is_deleted"] as const;

/** Finds all inconsistencies in a configuration that passes the schema. */
export function checkPipeline(config: PipelineConfig): Mismatch[] {
  return [
    ...checkKeyFields(config),
    ...checkRowRules(config),
    ...checkDatasetRules(config),
    ...checkColumns(config),
    ...checkTraining(config),
    ...checkMonitoring(config),
  ];
}

function checkKeyFields(config: PipelineConfig): Mismatch[] {
  const roles: { path: PropertyKey[]; field: string; types: EventFieldType[]; what: string }[] = [
    { path: ["entity"], field: config.entity, types: ["string", "integer"], what: "the entity" },
    { path: ["events", "id"], field: config.events.id, types: ["string", "integer"], what: "the event id" },
    { path: ["events", "time"], field: config.events.time, types: ["timestamp"], what: "the event time" },
  ];
  const mismatches: Mismatch[] = [];
  for (const { path, field, types, what } of roles) {
    const found = fieldOf(config, field);
    if (!found) {
      mismatches.push({ path, message: `${what} is ${field}, which ${unknownField(field, config)}` });
      continue;
    }
    if (!types.includes(found.type)) {
      mismatches.push({
        path: ["events", "fields", field, "type"],
        message: `${what} must be of type ${types.join(" or ")}, got ${found.type}`,
      });
    }
    if (!found.required) {
      mismatches.push({
        path: ["events", "fields", field, "required"],
        message: `${what} must be required`,
      });
    }
  }
  const fields = roles.map((role) => role.field);
  for (const [index, role] of roles.entries()) {
    const twin = roles.slice(0, index).find((earlier) => earlier.field === role.field);
    if (twin) mismatches.push({ path: role.path, message: `${role.what} and ${twin.what} are both ${role.field}` });
  }
  for (const name of Object.keys(config.events.fields)) {
    const isOwnTime = name === "event_time" && fields[2] === name;
    if (isReserved(name) && !isOwnTime) mismatches.push(reserved(["events", "fields", name], name));
  }
  return mismatches;
}

function checkRowRules(config: PipelineConfig): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const names = new Set<string>();
  for (const [index, rule] of config.quality.rows.entries()) {
    const path = ["quality", "rows", index];
    if (rule.rule === "expression") {
      if (names.has(rule.name))
        mismatches.push({ path: [...path, "name"], message: `another rule is already named ${rule.name}` });
      names.add(rule.name);
      continue;
    }
    const types = typesOfRule[rule.rule];
    mismatches.push(...checkField(config, [...path, "field"], rule.field, rule.rule, types));
    if (rule.rule === "range") mismatches.push(...checkRange(rule.min, rule.max, path));
  }
  return mismatches;
}

const typesOfRule: Record<"not_null" | "range" | "enum" | "pattern", readonly EventFieldType[] | undefined> = {
  not_null: undefined,
  range: ["integer", "double"],
  enum: ["string"],
  pattern: ["string"],
};

function checkRange(min: number | undefined, max: number | undefined, path: PropertyKey[]): Mismatch[] {
  if (min === undefined && max === undefined) {
    return [{ path, message: "a range rule must have min, max or both" }];
  }
  if (min !== undefined && max !== undefined && min > max) {
    return [{ path: [...path, "min"], message: `min ${min} is above max ${max}: no value could pass` }];
  }
  return [];
}

function checkDatasetRules(config: PipelineConfig): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const [index, rule] of config.quality.dataset.entries()) {
    const path = ["quality", "dataset", index];
    if (rule.rule === "volume" && rule.max_rows !== undefined && rule.min_rows > rule.max_rows) {
      mismatches.push({
        path: [...path, "min_rows"],
        message: `min_rows ${rule.min_rows} is above max_rows ${rule.max_rows}: no run could pass`,
      });
    }
    if (rule.rule === "null_share") mismatches.push(...checkField(config, [...path, "field"], rule.field, rule.rule));
    if (rule.rule === "unique") {
      for (const [position, field] of rule.fields.entries()) {
        mismatches.push(...checkField(config, [...path, "fields", position], field, rule.rule));
      }
    }
  }
  return mismatches;
}

function checkField(
  config: PipelineConfig,
  path: PropertyKey[],
  field: string,
  rule: string,
  types?: readonly EventFieldType[],
): Mismatch[] {
  const found = fieldOf(config, field);
  if (!found) return [{ path, message: `${field} ${unknownField(field, config)}` }];
  if (types && !types.includes(found.type)) {
    return [
      { path, message: `the rule ${rule} requires a field of type ${types.join(" or ")}; ${field} is ${found.type}` },
    ];
  }
  return [];
}

/** A declared field; not what every object inherits, such as `constructor`. */
function fieldOf(config: PipelineConfig, field: string) {
  return Object.hasOwn(config.events.fields, field) ? config.events.fields[field] : undefined;
}

function unknownField(field: string, config: PipelineConfig): string {
  const known = Object.keys(config.events.fields);
  const meant = nearest(field, known);
  const hint = meant === undefined ? `known fields: ${known.join(", ")}` : `did you mean ${meant}?`;
  return `is not defined in events.fields (${hint})`;
}

function checkColumns(config: PipelineConfig): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const columns = Object.keys(config.features.columns);
  if (columns.length === 0) {
    mismatches.push({ path: ["features", "columns"], message: "a model needs at least one feature column" });
  }
  for (const name of columns) {
    const path = ["features", "columns", name];
    if (isReserved(name)) mismatches.push(reserved(path, name));
    if (name === config.entity) {
      mismatches.push({
        path,
        atKey: true,
        message: `${name} is the entity, which is part of every feature row; remove it here`,
      });
    }
  }
  const label = config.label.name;
  if (columns.includes(label)) {
    mismatches.push({
      path: ["label", "name"],
      message: `${label} is also a feature, so the label would leak into the features; choose another name`,
    });
  }
  if (label === config.entity || isReserved(label)) {
    mismatches.push({
      path: ["label", "name"],
      message: `${label} is already a column of every training set; choose another name`,
    });
  }
  return mismatches;
}

function isReserved(name: string): boolean {
  return (reservedColumns as readonly string[]).includes(name);
}

function reserved(path: PropertyKey[], name: string): Mismatch {
  return {
    path,
    atKey: true,
    message: `${name} is a reserved column (${reservedColumns.join(", ")}); choose another name`,
  };
}

function checkTraining(config: PipelineConfig): Mismatch[] {
  const { training, label, events } = config;
  const mismatches: Mismatch[] = [];
  const held = training.validation_share + training.test_share;
  if (held >= 1) {
    mismatches.push({
      path: ["training", "test_share"],
      message: `validation_share and test_share add up to ${held}: no rows are left for training; keep their sum below 1`,
    });
  }
  for (const share of ["validation_share", "test_share"] as const) {
    if (training[share] === 0) {
      mismatches.push({
        path: ["training", share],
        message: "must be above 0: a model cannot be evaluated on the rows that it was trained on",
      });
    }
  }
  const every = training.cutoff_every_days;
  const late = events.allowed_lateness_days;
  const least = leastHistoryDays(config);
  if (training.history_days < least) {
    mismatches.push({
      path: ["training", "history_days"],
      message:
        `must be at least ${least}, got ${training.history_days}: with a horizon of ${label.horizon_days} days, events up to ${late} days late and an as-of day every ${every} days, ` +
        "train, validation and test would not each have a labelled as-of day",
    });
  }
  for (const [name, alias] of doubled(training.hyperparameters)) {
    const path = ["training", "hyperparameters", alias];
    mismatches.push({ path, atKey: true, message: `is another name of ${name}, which is set too; keep one of them` });
  }
  return mismatches;
}

function checkMonitoring(config: PipelineConfig): Mismatch[] {
  const count = Object.keys(config.features.columns).length;
  if (count === 0 || config.monitoring.drifted_features <= count) return [];
  return [
    {
      path: ["monitoring", "drifted_features"],
      message: `must be at most ${count}, the number of features, got ${config.monitoring.drifted_features}`,
    },
  ];
}

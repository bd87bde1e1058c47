/**
 * Checks that the keys of a pipeline.yaml are consistent with each other, which the schema cannot check. A check whose keys
 * could not all be read says nothing: the mistake in them is reported already.
 */
import { leastHistoryDays } from "./history";
import { doubled } from "./hyperparameters";
import { nearest } from "./nearest";
import type { EventFieldType, PipelineConfig } from "./pipeline";
import type { Readable } from "./readable";

type Config = Readable<PipelineConfig>;

/** An inconsistency at a path of pipeline.yaml. */
export interface Mismatch {
  path: PropertyKey[];
  message: string;
  /** Whether to report the position of the key instead of its value. */
  atKey?: boolean;
}

/** Columns that the SQL views and Feature Store's tables add themselves. */
export const reservedColumns = ["as_of", "event_time", "write_time", "api_invocation_time", "is_deleted"] as const;

/** Finds all inconsistencies in what could be read of a configuration. */
export function checkPipeline(config: Config): Mismatch[] {
  return [
    ...checkKeyFields(config),
    ...checkRowRules(config),
    ...checkDatasetRules(config),
    ...checkColumns(config),
    ...checkTraining(config),
    ...checkGates(config),
    ...checkSegments(config),
    ...checkCosts(config),
    ...checkAutoscaling(config),
  ];
}

function checkKeyFields(config: Config): Mismatch[] {
  const { entity, events } = config;
  const roles: { path: PropertyKey[]; field: string | undefined; types: EventFieldType[]; what: string }[] = [
    { path: ["entity"], field: entity, types: ["string", "integer"], what: "the entity" },
    { path: ["events", "id"], field: events?.id, types: ["string", "integer"], what: "the event id" },
    { path: ["events", "time"], field: events?.time, types: ["timestamp"], what: "the event time" },
  ];
  const mismatches: Mismatch[] = [];
  for (const { path, field, types, what } of roles) {
    const unknown = unknownField(field, config);
    if (unknown !== undefined) mismatches.push({ path, message: `${what} is ${field}, which ${unknown}` });
    const { type, required } = fieldOf(config, field) ?? {};
    if (type !== undefined && !types.includes(type)) {
      mismatches.push({
        path: ["events", "fields", String(field), "type"],
        message: `${what} must be of type ${types.join(" or ")}, got ${type}`,
      });
    }
    if (required === false) {
      mismatches.push({
        path: ["events", "fields", String(field), "required"],
        message: `${what} must be required`,
      });
    }
  }
  for (const [index, role] of roles.entries()) {
    const twin = roles.slice(0, index).find(({ field }) => field !== undefined && field === role.field);
    if (twin) mismatches.push({ path: role.path, message: `${role.what} and ${twin.what} are both ${role.field}` });
  }
  for (const name of Object.keys(events?.fields ?? {})) {
    const mayBeTime = name === "event_time" && (events?.time ?? name) === name;
    if (isReserved(name) && !mayBeTime) mismatches.push(reserved(["events", "fields", name], name));
  }
  return mismatches;
}

function checkRowRules(config: Config): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const names = new Set<string>();
  for (const [index, rule] of (config.quality?.rows ?? []).entries()) {
    const path = ["quality", "rows", index];
    if (rule?.rule === "expression") {
      if (rule.name === undefined) continue;
      if (names.has(rule.name))
        mismatches.push({ path: [...path, "name"], message: `another rule is already named ${rule.name}` });
      names.add(rule.name);
    } else if (rule?.rule !== undefined) {
      const field = "field" in rule ? rule.field : undefined;
      mismatches.push(...checkField(config, [...path, "field"], field, rule.rule, typesOfRule[rule.rule]));
      if (rule.rule === "range") mismatches.push(...checkRange(rule, path));
    }
  }
  return mismatches;
}

const typesOfRule: Record<"not_null" | "range" | "enum" | "pattern", readonly EventFieldType[] | undefined> = {
  not_null: undefined,
  range: ["integer", "double"],
  enum: ["string"],
  pattern: ["string"],
};

function checkRange(rule: { min?: number | undefined; max?: number | undefined }, path: PropertyKey[]): Mismatch[] {
  if (!Object.hasOwn(rule, "min") && !Object.hasOwn(rule, "max")) {
    return [{ path, message: "a range rule must have min, max or both" }];
  }
  const { min, max } = rule;
  if (min !== undefined && max !== undefined && min > max) {
    return [{ path: [...path, "min"], message: `min ${min} is above max ${max}: no value could pass` }];
  }
  return [];
}

function checkDatasetRules(config: Config): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const [index, rule] of (config.quality?.dataset ?? []).entries()) {
    const path = ["quality", "dataset", index];
    if (rule?.rule === "volume") {
      const { min_rows: min, max_rows: max } = rule;
      if (min !== undefined && max !== undefined && min > max) {
        mismatches.push({
          path: [...path, "min_rows"],
          message: `min_rows ${min} is above max_rows ${max}: no run could pass`,
        });
      }
    }
    if (rule?.rule === "null_share") mismatches.push(...checkField(config, [...path, "field"], rule.field, rule.rule));
    if (rule?.rule === "unique") {
      for (const [position, field] of (rule.fields ?? []).entries()) {
        mismatches.push(...checkField(config, [...path, "fields", position], field, rule.rule));
      }
    }
  }
  return mismatches;
}

function checkField(
  config: Config,
  path: PropertyKey[],
  field: string | undefined,
  rule: string,
  types?: readonly EventFieldType[],
): Mismatch[] {
  const unknown = unknownField(field, config);
  if (unknown !== undefined) return [{ path, message: `${field} ${unknown}` }];
  const type = fieldOf(config, field)?.type;
  if (types === undefined || type === undefined || types.includes(type)) return [];
  return [{ path, message: `the rule ${rule} requires a field of type ${types.join(" or ")}; ${field} is ${type}` }];
}

/** What could be read of a declared field; not what every object inherits, such as `constructor`. */
function fieldOf({ events }: Config, field: string | undefined) {
  const fields = events?.fields ?? {};
  return field !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

/** What is wrong with the name of a field; undefined if it is declared, or if that cannot be told. */
function unknownField(field: string | undefined, { events }: Config): string | undefined {
  const fields = events?.fields;
  if (field === undefined || fields === undefined || Object.hasOwn(fields, field)) return undefined;
  const known = Object.keys(fields);
  const meant = nearest(field, known);
  const hint = meant === undefined ? `known fields: ${known.join(", ")}` : `did you mean ${meant}?`;
  return `is not defined in events.fields (${hint})`;
}

function checkColumns(config: Config): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const declared = config.features?.columns;
  const columns = Object.keys(declared ?? {});
  if (declared !== undefined && columns.length === 0) {
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
  const label = config.label?.name;
  if (label === undefined) return mismatches;
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

function checkTraining({ training, label, events }: Config): Mismatch[] {
  if (training === undefined) return [];
  const mismatches: Mismatch[] = [];
  const { validation_share: validation, test_share: test, cutoff_every_days: every, history_days: history } = training;
  if (validation !== undefined && test !== undefined && validation + test >= 1) {
    mismatches.push({
      path: ["training", "test_share"],
      message: `validation_share and test_share add up to ${validation + test}: no rows are left for training; keep their sum below 1`,
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
  const horizon = label?.horizon_days;
  const late = events?.allowed_lateness_days;
  if (horizon !== undefined && late !== undefined && every !== undefined && history !== undefined) {
    const least = leastHistoryDays({
      label: { horizon_days: horizon },
      events: { allowed_lateness_days: late },
      training: { cutoff_every_days: every },
    });
    if (history < least) {
      mismatches.push({
        path: ["training", "history_days"],
        message:
          `must be at least ${least}, got ${history}: with a horizon of ${horizon} days, events up to ${late} days late and an as-of day every ${every} days, ` +
          "train, validation and test would not each have a labelled as-of day",
      });
    }
  }
  for (const [name, alias] of doubled(training.hyperparameters ?? {})) {
    const path = ["training", "hyperparameters", alias];
    mismatches.push({ path, atKey: true, message: `is another name of ${name}, which is set too; keep one of them` });
  }
  return mismatches;
}

function checkGates({ gates }: Config): Mismatch[] {
  const minima = Object.values(gates?.minimum ?? { unread: undefined });
  if (minima.some((least) => least === undefined || least > 0)) return [];
  const message = "needs a metric with a minimum above 0: otherwise every model passes";
  return [{ path: ["gates", "minimum"], message }];
}

function checkAutoscaling({ serving }: Config): Mismatch[] {
  if (serving?.autoscaling === undefined) return [];
  const { instance_count: least, instance_type: type, autoscaling } = serving;
  const most = autoscaling.max_instances;
  const mismatches: Mismatch[] = [];
  if (least !== undefined && most !== undefined && most <= least) {
    const message = `must be above serving.instance_count, ${least}, from which the endpoint grows; got ${most}`;
    mismatches.push({ path: ["serving", "autoscaling", "max_instances"], message });
  }
  // SageMaker's documentation of automatic scaling: burstable instances take more load by themselves.
  if (type !== undefined && /^ml\.t\d/.test(type)) {
    const message = `${type} is burstable, which SageMaker does not scale; choose another type or leave out serving.autoscaling`;
    mismatches.push({ path: ["serving", "instance_type"], message });
  }
  return mismatches;
}

function checkSegments({ segments, features }: Config): Mismatch[] {
  const columns = features?.columns;
  return Object.entries(segments ?? {}).flatMap(([name, parts]): Mismatch[] => {
    const path = ["segments", name];
    if (columns === undefined || parts === undefined) return [];
    if (!Object.hasOwn(columns, name)) {
      const known = Object.keys(columns);
      const meant = nearest(name, known);
      const hint = meant === undefined ? `known columns: ${known.join(", ")}` : `did you mean ${meant}?`;
      return [{ path, atKey: true, message: `is not defined in features.columns (${hint})` }];
    }
    const type = columns[name]?.type;
    if (type === undefined) return [];
    if (type === "string") {
      return parts === "categories" ? [] : [{ path, message: `${name} is a string column: write categories` }];
    }
    if (parts === "categories")
      return [{ path, message: `${name} is a number: write its cut points, such as [7, 30]` }];
    const ascending = parts.every((cut, at) => at === 0 || cut === undefined || cut > (parts[at - 1] ?? cut));
    return ascending ? [] : [{ path, message: "the cut points must be in ascending order" }];
  });
}

function checkCosts({ serving }: Config): Mismatch[] {
  const { contact_cost: cost, saved_value: value, save_rate: rate } = serving?.costs ?? {};
  if (cost === undefined || value === undefined || rate === undefined || cost < rate * value) return [];
  return [
    {
      path: ["serving", "costs", "contact_cost"],
      message: `${cost} is not below save_rate · saved_value = ${rate * value}: acting would lose money even on an entity that is certain to be positive`,
    },
  ];
}

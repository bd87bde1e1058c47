/** The pipeline that init proposes: features and label by the fields' types. */
import type { Field } from "./fields";
import { isUseful, type Plan } from "./label";

export interface Feature {
  name: string;
  type: "double" | "integer" | "string";
  description: string;
  /** The expression in features.sql. */
  sql: string;
}

export interface Label {
  name: string;
  description: string;
  /** The expression in label.sql. */
  sql: string;
  reason: string;
}

export interface Roles {
  id: string;
  time: string;
  entity: string;
}

/** Enough to begin with, and few enough to read. */
const mostNumbers = 4;
const mostFlags = 2;
const mostCategories = 2;
const mostCategoryValues = 20;

/** SQL keywords, which must be quoted when they are names. */
const keywords = new Set(
  "all and any array as asc between by case cast check collate column create cross current_date current_time current_timestamp current_user date desc distinct drop else end escape except exists false fetch filter for foreign from full function grant group having in index inner insert interval intersect into is join key language lateral leading left like limit minus month natural no not null of offset on only option or order outer over overlaps partition position primary range references right row rows select semi session session_user set some sql start table then time timestamp to trailing true union unique unknown update user using values view when where window with year".split(
    " ",
  ),
);

/** A column's name in SQL. */
export const inSql = (name: string): string => (keywords.has(name) ? `\`${name}\`` : name);

/** A feature's name: a prefix and a field, within the 63 characters of a column's name. */
const named = (prefix: string, field: string) => `${prefix}_${field}`.slice(0, 63).replace(/_+$/, "");

export function featuresFor(fields: readonly Field[], { id, time, entity }: Roles, plan: Plan): Feature[] {
  const at = inSql(time);
  const recent = Math.max(1, Math.round(plan.windowDays / 4));
  const others = fields.filter(({ name }) => ![id, time, entity].includes(name));
  const numbers = others.filter(({ type, distinct }) => (type === "double" || type === "integer") && distinct > 2);
  const flags = others.filter(({ type }) => type === "boolean");
  const categories = others.filter(
    ({ type, distinct }) => type === "string" && distinct > 1 && distinct <= mostCategoryValues,
  );
  return [
    {
      ...{ name: "recency_days", type: "double", description: "Days since the last event." },
      sql: `ROUND((UNIX_TIMESTAMP(as_of) - UNIX_TIMESTAMP(MAX(${at}))) / 86400, 3)`,
    },
    { name: "event_count", type: "integer", description: "Events in the window.", sql: "COUNT(*)" },
    {
      ...{ name: "active_days", type: "integer", description: "Days with an event." },
      sql: `COUNT(DISTINCT TO_DATE(${at}))`,
    },
    ...(recent < plan.windowDays
      ? [
          {
            ...{ name: "recent_event_count", type: "integer" as const },
            description: `Events in the last ${recent === 1 ? "day" : `${recent} days`} of the window.`,
            sql: `COUNT_IF(${at} >= as_of - INTERVAL ${recent} DAYS)`,
          },
        ]
      : []),
    ...numbers.slice(0, mostNumbers).map(({ name, type }) => ({
      ...{ name: named("mean", name), type: "double" as const, description: `Mean of ${name}.` },
      // Spark adds doubles in no fixed order: a rounded mean on an edge falls to either side, a rounded sum does not.
      sql:
        type === "integer" ? `ROUND(AVG(${inSql(name)}), 4)` : `ROUND(SUM(${inSql(name)}), 6) / COUNT(${inSql(name)})`,
    })),
    ...flags.slice(0, mostFlags).map(({ name }) => ({
      ...{ name: named("share", name), type: "double" as const, description: `Share of events with ${name}.` },
      sql: `ROUND(AVG(CAST(${inSql(name)} AS INT)), 4)`,
    })),
    ...categories.slice(0, mostCategories).map(({ name }) => ({
      ...{ name: named("last", name), type: "string" as const, description: `The last value of ${name}.` },
      // The ID decides between events of the same time, so that a rerun gives the same row.
      sql: `MAX_BY(${inSql(name)}, STRUCT(${at}, ${inSql(id)}))`,
    })),
  ];
}

export function labelFor(fields: readonly Field[], { id, entity }: Roles, plan: Plan): Label {
  const { horizonDays, inactiveShare } = plan;
  const within = horizonDays === 1 ? "on the as-of day" : `in the ${horizonDays} days from the as-of day on`;
  const inactive: Label = {
    name: "inactive",
    description: `1 when the ${entity} has no event ${within}.`,
    sql: `IF(COUNT(outcomes.${inSql(id)}) = 0, 1, 0)`,
    reason: "",
  };
  const share = inactiveShare === undefined ? "an unknown share" : `${(100 * inactiveShare).toFixed(0)} %`;
  if (isUseful(plan)) return { ...inactive, reason: `true of ${share} of the rows in this file` };
  const flag = fields.find(({ type, distinct }) => type === "boolean" && distinct === 2);
  if (flag === undefined) {
    return {
      ...inactive,
      reason: `true of ${share} of the rows in this file: too few or too many to learn from. Write another label.sql`,
    };
  }
  return {
    name: `will_have_${flag.name}`.slice(0, 63).replace(/_+$/, ""),
    description: `1 when the ${entity} has an event with ${flag.name} ${within}.`,
    sql: `IF(COUNT_IF(outcomes.${inSql(flag.name)}) > 0, 1, 0)`,
    reason: `because nearly every ${entity} comes back within ${horizonDays} days (${share} do not), so inactivity is not worth predicting`,
  };
}

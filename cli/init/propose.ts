/** Proposes a pipeline for a data file, with the reason for every guess. */
import { pipelineSchema } from "../../spec/pipeline";
import { featuresFor, labelFor } from "./design";
import { fieldsOf, type LeftOut } from "./fields";
import { isUseful, leastHistoryOf, planFor, readActivity } from "./label";
import { type Profile, profileFile } from "./profile";
import { entityRole, idRole, type Role, timeRole } from "./roles";
import type { Proposal } from "./write";

export interface Choices {
  id?: string;
  time?: string;
  entity?: string;
}

export interface Explained extends Proposal {
  rows: number;
  isPart: boolean;
  guesses: Record<"time" | "entity" | "id", Role>;
  leftOut: LeftOut[];
  /** What may keep the pipeline from a model. */
  warnings: string[];
}

/** Training stops below this many labelled rows, because the proposal leaves training.min_rows at its default. */
const leastRows = pipelineSchema.shape.training.parse(undefined).min_rows;

export async function propose(name: string, path: string, choices: Choices): Promise<Explained> {
  const profile = await profileFile(path);
  const columns = fieldsOf(profile);
  const { fields, leftOut } = columns;
  const time = timeRole(columns, profile, choices.time);
  const entity = entityRole(columns, profile, time.field, choices.entity);
  const id = idRole(columns, profile, [time.field, entity.field], choices.id);
  const roles = { id: id.field, time: time.field, entity: entity.field };
  // event_time may only be the name of the time.
  const kept = fields
    .filter((field) => field.name !== "event_time" || time.field === "event_time")
    .map((field) => (Object.values(roles).includes(field.name) ? { ...field, required: true } : field));
  const plan = planFor(await readActivity(path, time.field, entity.field, kept));
  const label = labelFor(kept, roles, plan);
  return {
    ...{ name, title: profile.title, rows: profile.rows, isPart: profile.isPart },
    ...{ fields: kept, roles, features: featuresFor(kept, roles, plan), label, plan },
    guesses: { time, entity, id },
    leftOut,
    warnings: warningsOf(plan, label.name, profile),
  };
}

function warningsOf(plan: Proposal["plan"], label: string, { title }: Profile): string[] {
  const needed = plan.windowDays + leastHistoryOf(plan.horizonDays, plan.cutoffEveryDays);
  return [
    ...(plan.rangeDays < needed
      ? [`${title} spans ${plan.rangeDays} days; training needs at least ${needed}. Give more data.`]
      : []),
    ...(plan.labelledRows < leastRows
      ? [
          `The first training of a demo would have about ${plan.labelledRows} labelled rows; it stops below ${leastRows}.`,
        ]
      : []),
    ...(label === "inactive" && !isUseful(plan)
      ? ["The proposed label hardly differs between rows; write your own label.sql."]
      : []),
  ];
}

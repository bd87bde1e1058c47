/** The text of a pipeline's three files. */
import { type Feature, inSql, type Label, type Roles } from "./design";
import type { Field } from "./fields";
import type { Plan } from "./label";

export interface PipelineFiles {
  "pipeline.yaml": string;
  "features.sql": string;
  "label.sql": string;
}

export interface Proposal {
  name: string;
  /** The data file, for the comments. */
  title: string;
  fields: readonly Field[];
  roles: Roles;
  features: readonly Feature[];
  label: Label;
  plan: Plan;
}

/** The demo asks for a tenth more entities than a drift check needs. */
const spare = 1.25;
const usualSamples = 300;
const leastSamples = 20;

const text = (value: string) => JSON.stringify(value);

export function pipelineFiles(proposal: Proposal): PipelineFiles {
  return { "pipeline.yaml": yaml(proposal), "features.sql": featuresSql(proposal), "label.sql": labelSql(proposal) };
}

function yaml({ name, title, fields, roles, features, label, plan }: Proposal): string {
  const hasId = fields.some((field) => field.name === roles.id);
  const idField = `    ${roles.id}: { type: string, description: ${text("Made by feed; your own events need one.")} }`;
  const samples = Math.min(usualSamples, Math.max(leastSamples, Math.floor(plan.activeEntities / spare)));
  return `# yaml-language-server: $schema=../pipeline.schema.json
#
# Proposed by \`npx daybreak init ${name} --from ${title}\`.
# The data is from ${plan.firstDay} to ${plan.lastDay}.
# Every key is explained in docs/pipelines.md.

name: ${name}
description: ${text(`Predicts ${label.name} for each ${roles.entity}.`)}
entity: ${roles.entity}

events:
  id: ${roles.id}
  time: ${roles.time}
  fields:
${[...(hasId ? [] : [idField]), ...fields.map(fieldLine)].join("\n")}

quality:
  rows: []
    # An event that breaks a rule is quarantined with the rule as its reason, for example:
    # - { rule: range, field: amount, min: 0, max: 10000 }
    # - { rule: enum, field: status, values: [open, closed] }
  dataset:
    - { rule: quarantine_share, max: 0.1, severity: halt }

features:
  window_days: ${plan.windowDays}
  columns:
${features.map((one) => `    ${one.name}: { type: ${one.type}, description: ${text(one.description)} }`).join("\n")}

label:
  name: ${label.name}
  horizon_days: ${plan.horizonDays}
  description: ${text(label.description)}

training:
  cutoff_every_days: ${plan.cutoffEveryDays}
  history_days: ${plan.historyDays}

gates:
  # A model that is no better than this is refused.
  minimum: { auc: 0.6 }

monitoring:
  # A typical day has ${plan.activeEntities} with features.
  min_samples: ${samples}
`;
}

function fieldLine({ name, type, required, note }: Field): string {
  const parts = [
    `type: ${type}`,
    ...(required ? [] : ["required: false"]),
    ...(note === "" ? [] : [`description: ${text(`${note[0]?.toUpperCase()}${note.slice(1)}.`)}`]),
  ];
  return parts.length === 1 ? `    ${name}: ${type}` : `    ${name}: { ${parts.join(", ")} }`;
}

function featuresSql({ roles, features, plan }: Proposal): string {
  const entity = inSql(roles.entity);
  return `-- One row for each ${roles.entity} with an event in the ${plan.windowDays} days before the as-of day.
-- \`events\` holds the events of that window for every as-of day, and none after it.

SELECT
  as_of,
  ${entity},
${features.map(({ name, sql }) => `  ${sql} AS ${inSql(name)}`).join(",\n")}
FROM events
GROUP BY as_of, ${entity}
`;
}

function labelSql({ roles, label, plan }: Proposal): string {
  const entity = inSql(roles.entity);
  return `-- ${label.description}
-- \`entities\` holds the rows of features.sql, \`outcomes\` the events of the ${plan.horizonDays} days from each as-of day on.

SELECT
  entities.as_of,
  entities.${entity},
  ${label.sql} AS ${inSql(label.name)}
FROM entities
LEFT JOIN outcomes
  ON outcomes.as_of = entities.as_of
  AND outcomes.${entity} = entities.${entity}
GROUP BY entities.as_of, entities.${entity}
`;
}

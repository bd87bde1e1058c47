/** The pipeline that init writes without a data file: small, complete and explained. */
import type { PipelineFiles } from "./write";

export function templateFiles(name: string): PipelineFiles {
  return {
    "pipeline.yaml": `# yaml-language-server: $schema=../pipeline.schema.json
#
# Every key is explained in docs/pipelines.md.

name: ${name}
description: Which recent customers will not buy again within 28 days.
# The field that identifies what the model predicts for.
entity: customer_id

events:
  # Of several events with the same ID, one is kept.
  id: event_id
  # ISO 8601, such as 2026-03-01T12:00:00Z.
  time: event_time
  fields:
    event_id: string
    event_time: timestamp
    customer_id: string
    amount: double
    channel: { type: string, required: false }

quality:
  rows:
    # An event that breaks a rule is quarantined with the rule as its reason.
    - { rule: range, field: amount, min: 0, max: 10000 }
  dataset:
    # More bad events than this stop the run before it publishes any.
    - { rule: quarantine_share, max: 0.1, severity: halt }

features:
  window_days: 90
  # The columns of features.sql, besides as_of and the entity.
  columns:
    recency_days: { type: double, description: Days since the last purchase. }
    purchases: { type: integer, description: Purchases in the window. }
    mean_amount: { type: double, description: Mean amount of a purchase. }

label:
  # The column of label.sql: 0 or 1.
  name: churned
  horizon_days: 28
  description: 1 when the customer buys nothing in the 28 days from the as-of day on.

training:
  cutoff_every_days: 7
  history_days: 364

gates:
  # A model below this is refused.
  minimum: { auc: 0.6 }
`,
    "features.sql": `-- What is known about a customer as of a day. \`events\` holds, for every as-of day, the events of the window before it.

SELECT
  as_of,
  customer_id,
  ROUND((UNIX_TIMESTAMP(as_of) - UNIX_TIMESTAMP(MAX(event_time))) / 86400, 3) AS recency_days,
  COUNT(*) AS purchases,
  ROUND(SUM(amount), 2) / COUNT(amount) AS mean_amount
FROM events
GROUP BY as_of, customer_id
`,
    "label.sql": `-- What came true afterwards. \`entities\` holds the rows of features.sql, \`outcomes\` the events of the 28 days from each
-- as-of day on.

SELECT
  entities.as_of,
  entities.customer_id,
  IF(COUNT(outcomes.event_id) = 0, 1, 0) AS churned
FROM entities
LEFT JOIN outcomes
  ON outcomes.as_of = entities.as_of
  AND outcomes.customer_id = entities.customer_id
GROUP BY entities.as_of, entities.customer_id
`,
  };
}

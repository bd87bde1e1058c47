/** A small pipeline.yaml that is right, for tests to break one thing in. */
export const goodYaml = `name: shop
entity: customer_id
events:
  fields:
    event_id: string
    event_time: timestamp
    customer_id: string
    quantity: integer
    amount: {type: double, required: false}
    kind: string
quality:
  rows:
    - {rule: range, field: quantity, min: 1, max: 10}
    - {rule: enum, field: kind, values: [click, cart]}
  dataset:
    - {rule: volume, min_rows: 1, max_rows: 1000}
    - {rule: null_share, field: amount, max: 0.1}
features:
  window_days: 7
  columns: {clicks: integer, kind_of_day: string}
label:
  name: churned
  horizon_days: 14
`;

export const goodSql = "SELECT as_of, customer_id, 1 AS clicks FROM events GROUP BY 1, 2\n";

/** Names of columns as names of fields: `Customer ID`, `customerId` and `CUSTOMER_ID` all mean customer_id. */

/** The field name of a column; empty if the column's name has no character that a field name may contain. */
export function fieldName(column: string): string {
  return column
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z]{2,})/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "")
    .slice(0, 63)
    .replace(/_+$/, "");
}

/**
 * A row with the fields' names, for formats whose rows are converted anyway. A column is renamed only if its own name is not
 * a field's, and if no other column has that field's name.
 */
export function withFieldNames(
  row: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string>,
): Record<string, unknown> {
  const taken = new Set(Object.keys(row).filter((column) => fields.has(column)));
  const entries = Object.entries(row).map(([column, value]): [string, unknown] => {
    const field = fieldName(column);
    if (fields.has(column) || !fields.has(field) || taken.has(field)) return [column, value];
    taken.add(field);
    return [field, value];
  });
  return Object.fromEntries(entries);
}

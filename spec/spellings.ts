/** Names of types in other tools and the corresponding type in pipeline.yaml. */
const spellings: Readonly<Record<string, string>> = {
  int: "integer",
  long: "integer",
  bigint: "integer",
  float: "double",
  number: "double",
  real: "double",
  bool: "boolean",
  str: "string",
  text: "string",
  datetime: "timestamp",
};

export const typeSpellings: ReadonlyMap<string, string> = new Map(Object.entries(spellings));

/** Replaces an alternative spelling of a type. Returns any other value unchanged, for the schema to check. */
export function canonicalType(written: unknown): unknown {
  return typeof written === "string" ? (typeSpellings.get(written.toLowerCase()) ?? written) : written;
}

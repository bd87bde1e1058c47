/** Spellings of a type that people bring from other tools, and what they mean here. */
export const typeSpellings: Readonly<Record<string, string>> = {
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

/** Puts the one spelling in place of a habit's; anything else is left for the schema to judge. */
export function canonicalType(written: unknown): unknown {
  return typeof written === "string" ? (typeSpellings[written.toLowerCase()] ?? written) : written;
}

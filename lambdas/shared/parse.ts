/** Parses external data; errors state the path, the expected and the actual value. */
import * as z from "zod/mini";

/** One line for each issue: `detail.alarmName: expected string, got 5`. */
export function explain(issues: readonly z.core.$ZodIssue[], value: unknown): string {
  return issues
    .map((issue) => {
      if (issue.code === "unrecognized_keys") {
        return `${[...issue.path, issue.keys.join(", ")].map(String).join(".")}: unknown, remove it or correct its name`;
      }
      const found = issue.path.reduce<unknown>(
        (current, part) =>
          typeof current === "object" && current !== null ? (current as Record<PropertyKey, unknown>)[part] : undefined,
        value,
      );
      const place = issue.path.length === 0 ? "the whole value" : issue.path.map(String).join(".");
      const got = found === undefined ? "it is missing" : `got ${(JSON.stringify(found) ?? "").slice(0, 80)}`;
      return `${place}: expected ${expectation(issue)}, ${got}`;
    })
    .join("; ");
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  // Custom rules and formats have their own messages.
  return issue.code === "custom" || issue.code === "invalid_format" ? issue.message : "another value";
}

/**
 * Parses a value or throws the given kind of error.
 *
 * @param what names the value in the message, such as "the event of run-plan"
 */
export function parseAs<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
  ErrorType: new (message: string) => Error,
): z.core.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw new ErrorType(`${what} is not as expected: ${explain(result.error.issues, value)}`);
}

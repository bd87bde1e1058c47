/** Converts zod's issues to problems with a position, what was expected, what was found and a suggestion. */
import { z } from "zod";
import { misplaced } from "./hyperparameters";
import { formatPath, type KeyPath, locate, type Target, valueAt } from "./locate";
import { nearest } from "./nearest";
import type { Problem } from "./problems";
import { typeSpellings } from "./spellings";
import { unwrap } from "./unwrap";
import type { SourceDocument } from "./yaml-source";

type Issue = z.core.$ZodIssue;

/** Explains all issues of a failed parse. */
export function explainIssues(issues: readonly Issue[], schema: z.ZodType, source: SourceDocument): Problem[] {
  return issues.flatMap((issue) => explainIssue(issue, schema, source));
}

function explainIssue(issue: Issue, schema: z.ZodType, source: SourceDocument): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path, source.value);
    const explained = (key: string) => {
      const isHyperparameter = formatPath(issue.path) === "training.hyperparameters";
      return (isHyperparameter ? misplaced(key) : undefined) ?? unknownKey(key, known);
    };
    return issue.keys.map((key) => problem(source, [...issue.path, key], explained(key), "key"));
  }
  if (issue.code === "invalid_key") {
    const reason = issue.issues.map((inner) => inner.message).join("; ");
    return [problem(source, issue.path, `the name ${reason}`, "key")];
  }
  const missing = valueAt(source.value, issue.path) === undefined;
  const path =
    issue.code === "invalid_union" && issue.discriminator !== undefined && issue.path.at(-1) !== issue.discriminator
      ? [...issue.path, issue.discriminator]
      : issue.path;
  return [problem(source, path, describe(issue, missing, valueAt(source.value, path)))];
}

/** Creates a problem at a path of the document. */
export function problem(source: SourceDocument, path: KeyPath, message: string, target: Target = "value"): Problem {
  return {
    file: source.fileName,
    position: locate(source.document, source.lines, path, target),
    key: formatPath(path),
    message,
  };
}

function describe(issue: Issue, missing: boolean, value: unknown): string {
  const expected = expectation(issue);
  if (missing) return `is missing: ${expected}`;
  const found = `${expected}, got ${show(value)}`;
  const options = optionsOf(issue);
  const meant =
    typeof value === "string" ? (typeSpellings.get(value.toLowerCase()) ?? nearest(value, options)) : undefined;
  return meant !== undefined && options.includes(meant) ? `${found} (did you mean ${meant}?)` : found;
}

/** A longer list of options is described by the schema. */
const mostListed = 20;

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_value":
    case "invalid_union": {
      const options = optionsOf(issue);
      if (options.length > mostListed) return issue.message;
      if (options.length > 0) return `expected one of ${options.join(", ")}`;
      if (issue.code === "invalid_value") return "expected a fixed value";
      const kinds = issue.errors
        .flatMap((branch) => branch.map(expectation))
        .map((text) => text.replace("expected ", ""));
      return `expected ${[...new Set(kinds)].join(" or ")}`;
    }
    case "invalid_type":
      return `expected ${typeName(issue.expected)}`;
    case "too_small":
      return size(issue.origin, Number(issue.minimum), issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return size(issue.origin, Number(issue.maximum), issue.inclusive === false ? "less than" : "at most");
    case "invalid_format":
      return issue.format === "email" ? "expected an e-mail address" : issue.message;
    default:
      return issue.message;
  }
}

function optionsOf(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union" && "options" in issue) return (issue.options ?? []).map(String);
  return [];
}

function size(origin: string, limit: number, comparison: string): string {
  if (origin === "string")
    return limit === 1 ? "expected a non-empty string" : `expected ${comparison} ${limit} characters`;
  if (origin === "array" || origin === "set")
    return `expected ${comparison} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return `expected a number, ${comparison} ${limit}`;
}

const typeNames: Record<string, string> = {
  int: "an integer",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

function show(value: unknown): string {
  if (value === null) return "no value";
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return `is not a known key (did you mean ${meant}?)`;
  return known.length > 0 ? `is not a known key; known keys: ${known.join(", ")}` : "is not a known key";
}

/** The keys that the schema allows at a path. In a union, follows the branch that the document selects. */
function knownKeys(schema: z.ZodType, path: KeyPath, root: unknown): string[] {
  let current: unknown = schema;
  let value: unknown = root;
  for (const part of path) {
    const inner = unwrap(current, value);
    if (inner instanceof z.ZodObject) current = inner.shape[String(part)];
    else if (inner instanceof z.ZodRecord) current = inner.valueType;
    else if (inner instanceof z.ZodArray) current = inner.element;
    else return [];
    value = valueAt(value, [part]);
  }
  const target = unwrap(current, value);
  return target instanceof z.ZodObject ? Object.keys(target.shape) : [];
}

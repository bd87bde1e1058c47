/** The table of docs/security.md: which role may call which actions on which datasets and other resources. */
import { z } from "zod";
import type { RegisteredProgram } from "../shared/program";
import { grantsOf } from "./grants";
import { namingOf } from "./names";

interface RoleRows {
  name: string;
  /** What the role is for, and who assumes it. */
  purpose: string;
  /** Actions, and what they are allowed on. */
  rows: { actions: string[]; targets: string[] }[];
}

const role = z.object({ name: z.string(), description: z.string(), assumeRolePolicy: z.string() });
const trust = z.object({ Statement: z.array(z.object({ Principal: z.record(z.string(), z.unknown()) })) });

const inOrder = (values: readonly string[]) =>
  [...new Set(values)].sort((one, other) => one.localeCompare(other, "en"));

function group<T>(values: readonly T[], key: (value: T) => string): [string, T[]][] {
  return inOrder(values.map(key)).map((one) => [one, values.filter((value) => key(value) === one)]);
}

/** The roles of a program with one pipeline, whose name and environment become placeholders. */
export function roleRows(program: RegisteredProgram, grants = grantsOf(program.resources)): RoleRows[] {
  const { target, general } = namingOf(program);
  const [pipeline] = program.config.pipelineSpecs.map(({ name }) => name);
  const rowsOf = (name: string) => {
    const own = grants.filter((grant) => grant.role === name);
    const allowed = group(own, target).map(([on, found]) => ({
      on,
      actions: inOrder(found.map(({ action }) => action)),
    }));
    // Targets with the same actions share a row.
    return group(allowed, ({ actions }) => actions.join()).map(([, same]) => ({
      actions: same[0]?.actions ?? [],
      targets: same.map(({ on }) => on),
    }));
  };
  return program.resources
    .filter(({ type }) => type === "aws:iam/role:Role")
    .map(({ inputs }) => {
      const { name, description, assumeRolePolicy } = role.parse(inputs);
      const principals = trust.parse(JSON.parse(assumeRolePolicy)).Statement.map(({ Principal }) => Principal.Service);
      const service = principals.filter((one) => typeof one === "string").join(", ");
      const purpose = description.replace(`${pipeline}: `, "");
      return {
        name: general(name),
        purpose: `${purpose}; assumed by ${service === "" ? "people" : service}`,
        rows: rowsOf(name),
      };
    })
    .sort((one, other) => one.name.localeCompare(other.name, "en"));
}

/** What the roles may do in one program and not in another. Roles that got the same have their rows together. */
export function addedRows(program: RegisteredProgram, before: RegisteredProgram): RoleRows[] {
  const known = new Set(grantsOf(before.resources).map((grant) => JSON.stringify(grant)));
  const added = grantsOf(program.resources).filter((grant) => !known.has(JSON.stringify(grant)));
  const own = roleRows(program, added)
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, purpose, rows }) => ({
      name,
      purpose: purpose.replace(/^.*; /, ""),
      // A function has the name of its role.
      rows: rows.map(({ actions, targets }) => ({
        actions,
        targets: targets.map((one) => one.replaceAll(name, "<role>")),
      })),
    }));
  return group(own, ({ purpose, rows }) => JSON.stringify([purpose, rows])).flatMap(([, same]) =>
    same.slice(0, 1).map((one) => ({ ...one, name: same.map(({ name }) => name).join("`, `") })),
  );
}

const code = (values: readonly string[]) => values.map((value) => `\`${value}\``).join(", ");

/** The rows as Markdown. */
export function roleTable(roles: readonly RoleRows[]): string {
  const rows = roles.flatMap(({ name, purpose, rows }) =>
    rows.map(({ actions, targets }, index) => {
      const cells = index === 0 ? `**\`${name}\`**: ${purpose}` : "";
      return `| ${cells} | ${code(actions)} | ${code(targets)} |`;
    }),
  );
  return ["| role | actions | on |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The checks of an account as text. */
import type { Examination } from "./examine";
import type { Finding, State } from "./finding";

const marks: Record<State, string> = { ok: "✓", notice: "!", fails: "✗", "not checked": "?" };
const indent = " ".repeat(24);

export function describeExamination({ environment, account, region, ready, checks }: Examination): string {
  const open = checks.filter(({ state }) => state === "not checked").length;
  return [
    `The account ${account} in ${region}, before the first deployment of ${environment}:`,
    "",
    ...checks.flatMap(linesOf),
    "",
    ready
      ? "Nothing that was checked stops a first deployment."
      : "What is marked ✗ stops the first deployment, or the first model on its way to the endpoint.",
    ...(open === 0 ? [] : [`Of what is marked ? nothing is known: ${open} ${open === 1 ? "check" : "checks"}.`]),
    "What no check can know beforehand: docs/aws.md.",
  ].join("\n");
}

function linesOf({ check, state, found, remedy, commands = [] }: Finding): string[] {
  const notChecked = state === "not checked" ? "not checked: " : "";
  return [
    `${marks[state]} ${check.padEnd(22)}${notChecked}${found}`,
    ...(remedy === undefined ? [] : [`${indent}${remedy}`]),
    ...commands.map((command) => `${indent}  ${command}`),
  ];
}

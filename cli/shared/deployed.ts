import { CommandProblem } from "./problem";

/** The failure of a command whose pipeline is not deployed in the stack that it addresses. */
export function notDeployed(pipeline: string, deployed: readonly string[] = []): CommandProblem {
  const others = deployed.length === 0 ? "" : ` Deployed: ${deployed.join(", ")}.`;
  return new CommandProblem(
    `The pipeline ${pipeline} is not deployed here.${others}`,
    `Deploy it: \`npx daybreak up --pipeline ${pipeline}\` locally, \`pulumi up\` on AWS.`,
  );
}

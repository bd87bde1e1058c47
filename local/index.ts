/** The local cloud's API for the command line: start, deploy, query, stop. */
export { localAccount, useLocalCloud } from "./account";
export { endChildren } from "./client/child";
export { Cloud, flush, freePort, localStatus, type SlackMessage, slackMessagesAt } from "./client/cloud";
export {
  type Deployment,
  type DeploymentSummary,
  dataWouldBeLost,
  deploy,
  type PlannedStep,
} from "./client/deployment";
export { LocalProblem } from "./client/problem";
export { pulumi, pulumiOutputs } from "./client/pulumi";
export { runInSpark } from "./client/spark";
export { readTable } from "./client/table";

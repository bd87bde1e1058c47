/** The local cloud's API for the command line: start, deploy, query, stop. */
export { localAccount } from "./account";
export { endChild, endChildren, track } from "./client/child";
export { Cloud, flush, freePort, localStatus, type SlackMessage, slackMessagesAt } from "./client/cloud";
export { awsVariables, type CloudAddress, shellCommandsFor, slackWebhookOf, useLocalCloud } from "./client/credentials";
export { deploy } from "./client/deployment";
export { python, pythonEnvironment } from "./client/paths";
export { LocalProblem } from "./client/problem";
export { pulumi, pulumiOutputs } from "./client/pulumi";
export { runInSpark } from "./client/spark";
export { type DeploymentSummary, type DeployResult, dataWouldBeLost, type PlannedStep } from "./deploy/events";

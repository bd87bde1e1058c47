/** Who may assume the roles for people and their systems: the setting `daybreak:people`. */
import { z } from "zod";
import { policyVariable } from "../iam/statements";

/** An account, user or role; IAM Identity Center's roles have a path. */
const principal = z
  .string()
  .regex(
    /^arn:aws:iam::\d{12}:(root|(user|role)\/[\w+=,.@/-]+)$/,
    "must be the ARN of an IAM user, role or account root",
  );

const principals = (who: string) => z.array(principal).default([]).describe(who);

const members = z.strictObject({
  dataScientists: principals("May read everything of the pipelines and start runs."),
  reviewers: principals("May read what a decision needs, and approve or reject model versions."),
  operators: principals("May start, stop and redrive workflows, and handle dead letters."),
  auditors: principals("May read reports, the registry, histories, logs and policies."),
  eventProducers: principals("May put events on the streams."),
  predictionClients: principals("May request predictions at the URL of the prediction Lambda."),
  sessionName: z
    .string()
    .regex(/^\$\{aws:[\w/.-]+\}$/, `must be a policy variable such as ${policyVariable("aws:PrincipalTag/email")}`)
    .default(policyVariable("aws:username"))
    .describe("With separateDuties: what a role session must be called, so that it names the person."),
  separateDuties: z
    .boolean()
    .optional()
    .describe("Who started a training cannot approve its result. Default: true in the environment prod, else false."),
});

/** The setting `daybreak:people`. */
export const peopleSettings = members.prefault({});
export type PeopleSettings = z.infer<typeof peopleSettings>;
export const peopleKeys = Object.keys(members.shape);

/** The settings that are lists of principals, one for each role. */
export const peopleRoles = peopleKeys.filter((key) => key !== "sessionName" && key !== "separateDuties");

/** Whether who started a training may not approve its result. */
export const dutiesAreSeparate = ({ environment, people }: { environment: string; people: PeopleSettings }): boolean =>
  people.separateDuties ?? environment === "prod";

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, trustPeople } from "../iam/statements";
import * as names from "../names";
import type { PeopleSettings } from "./settings";
import * as may from "./statements";

export interface PeopleArgs extends may.Reach {
  settings: PeopleSettings;
}

/** The roles of people and their systems. A role that nobody is configured to assume is not made. */
export class People extends pulumi.ComponentResource {
  /** The unique ID with which `aws:userid` of each reviewer begins; undefined if there is no such role. */
  readonly reviewerId: pulumi.Output<string> | undefined;

  constructor(name: string, args: PeopleArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:people:People", name, {}, options);
    const { settings, separateDuties } = args;
    const role = (suffix: string, description: string, principals: readonly string[], statements: Statement[]) => {
      if (principals.length === 0) return undefined;
      const made = new aws.iam.Role(
        `${name}-${suffix}-role`,
        {
          name: names.role(`${args.names.prefix}-${suffix}`),
          description,
          assumeRolePolicy: trustPeople(principals, separateDuties ? settings.sessionName : undefined),
        },
        { parent: this },
      );
      new aws.iam.RolePolicy(
        `${name}-${suffix}-policy`,
        { name: "permissions", role: made.name, policy: policyDocument(statements) },
        { parent: this },
      );
      return made;
    };
    const { dataScientists, reviewers, operators, auditors, eventProducers, predictionClients } = settings;
    role("data-scientist", "Reads the pipelines' data and starts runs", dataScientists, may.dataScientist(args));
    const reviewer = role("reviewer", "Approves or rejects model versions", reviewers, may.reviewer(args));
    role("operator", "Starts, stops and redrives workflows", operators, may.operator(args));
    role("auditor", "Reads reports, the registry, histories, logs and policies", auditors, may.auditor(args));
    role("event-producer", "Puts events on the streams", eventProducers, may.eventProducer(args));
    role("prediction-client", "Requests predictions", predictionClients, may.predictionClient(args));
    this.reviewerId = reviewer?.uniqueId;
    this.registerOutputs({});
  }
}

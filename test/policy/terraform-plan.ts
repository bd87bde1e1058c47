/** The program's resources as a Terraform plan in JSON: the only form of them that checkov reads. */
import type { Recorded } from "../infra/support/record";

/** Terraform's names, where they are not Pulumi's in snake case: types, and blocks that Pulumi names in the plural. */
const typeNames: Readonly<Record<string, string>> = {
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "aws_kinesis_firehose_delivery_stream",
  "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
};
const blockNames: Readonly<Record<string, string>> = {
  featureDefinitions: "feature_definition",
  rules: "rule",
  transitions: "transition",
};
/** Objects whose keys are values, and no blocks. */
const maps: ReadonlySet<string> = new Set(["defaultArguments", "dimensions", "parameters", "variables"]);

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function typeOf({ type }: Recorded): string {
  const [, module = "", name = ""] = /^aws:(\w+)\/\w+:(\w+)$/.exec(type) ?? [];
  // Terraform's names of EC2's resources and of the rules of security groups do not begin with the service.
  return typeNames[type] ?? `aws_${module === "ec2" ? snake(name).slice(1) : `${module}${snake(name)}`}`;
}

/** A block is a list of objects in a plan, even where there can be only one. */
function planned(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (typeof item === "object" ? block(item) : item));
  if (typeof value !== "object" || value === null) return value;
  return maps.has(key) ? value : [block(value)];
}

function block(value: object): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, item]) => [blockNames[key] ?? snake(key), planned(key, item)]);
  return Object.fromEntries(entries);
}

/** The plan that creates these resources. A property that is the ID or ARN of another resource is a reference to it. */
export function terraformPlan(recorded: readonly Recorded[]): object {
  const resources = recorded
    .filter(({ custom }) => custom)
    // Assets are files, and no values.
    .map((resource) => ({ ...resource, inputs: { ...resource.inputs, code: undefined, source: undefined } }))
    .map((resource) => ({ ...resource, type: typeOf(resource), inputs: block(resource.inputs) }))
    .map((resource) => ({ ...resource, address: `${resource.type}.${resource.name}` }));
  const addresses = new Map(
    resources.flatMap(({ id, outputs, address }) => [id, outputs.arn].map((key) => [key, address])),
  );
  const common = ({ address, type, name }: (typeof resources)[number]) => ({ address, mode: "managed", type, name });
  return {
    format_version: "1.2",
    terraform_version: "1.9.0",
    planned_values: { root_module: { resources: resources.map((one) => ({ ...common(one), values: one.inputs })) } },
    resource_changes: resources.map((one) => ({
      ...common(one),
      change: { actions: ["create"], before: null, after: one.inputs, after_unknown: {} },
    })),
    configuration: {
      root_module: {
        resources: resources.map((one) => ({
          ...common(one),
          expressions: Object.fromEntries(
            Object.entries(one.inputs).flatMap(([key, value]) => {
              const address = addresses.get(value);
              return address === undefined || address === one.address
                ? []
                : [[key, { references: [`${address}.id`, address] }]];
            }),
          ),
        })),
      },
    },
  };
}

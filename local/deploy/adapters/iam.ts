import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, removedTags, tagList, tags } from "./shared";

/** A role with policies cannot be deleted. The list is empty unless an earlier deployment died half-way. */
async function removePolicies({ clients: { iam } }: AdapterContext, RoleName: string): Promise<void> {
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of inline.PolicyNames ?? [])
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
}

const role = defineAdapter({
  type: "aws:iam/role:Role",
  inputs: z.strictObject({
    name: z.string().optional(),
    assumeRolePolicy: jsonDocument,
    description: z.string().optional(),
    path: z.string().optional(),
    maxSessionDuration: z.number().optional(),
    permissionsBoundary: z.string().optional(),
    forceDetachPolicies: z.boolean().optional(),
    tags,
  }),
  replaceOn: ["name", "path", "permissionsBoundary"],
  idOf: (context, inputs) => inputs.name ?? context.automaticName,
  create: async (context, inputs) => {
    const RoleName = inputs.name ?? context.automaticName;
    const { Role } = await context.clients.iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: inputs.assumeRolePolicy,
        Description: inputs.description,
        Path: inputs.path,
        MaxSessionDuration: inputs.maxSessionDuration,
        PermissionsBoundary: inputs.permissionsBoundary,
        Tags: tagList(inputs.tags),
      }),
    );
    return { id: RoleName, outputs: { name: RoleName, arn: Role?.Arn, uniqueId: Role?.RoleId } };
  },
  update: async ({ clients: { iam } }, inputs, previous) => {
    const RoleName = previous.id;
    const PolicyDocument = inputs.assumeRolePolicy;
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    const { description: Description, maxSessionDuration: MaxSessionDuration } = inputs;
    await iam.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
    const TagKeys = removedTags(previous.inputs.tags, inputs.tags);
    if (TagKeys.length > 0) await iam.send(new UntagRoleCommand({ RoleName, TagKeys }));
    await iam.send(new TagRoleCommand({ RoleName, Tags: tagList(inputs.tags) }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    return { id: RoleName, outputs: { ...previous.outputs, arn: Role?.Arn } };
  },
  delete: async (context, previous) => {
    await removePolicies(context, previous.id);
    await context.clients.iam.send(new DeleteRoleCommand({ RoleName: previous.id }));
  },
});

const rolePolicyInputs = z.strictObject({ name: z.string().optional(), role: z.string(), policy: jsonDocument });

async function putRolePolicy(context: AdapterContext, inputs: z.output<typeof rolePolicyInputs>, PolicyName: string) {
  await context.clients.iam.send(
    new PutRolePolicyCommand({ RoleName: inputs.role, PolicyName, PolicyDocument: inputs.policy }),
  );
  return { id: `${inputs.role}:${PolicyName}`, outputs: { name: PolicyName } };
}

const rolePolicy = defineAdapter({
  type: "aws:iam/rolePolicy:RolePolicy",
  inputs: rolePolicyInputs,
  replaceOn: ["name", "role"],
  create: (context, inputs) => putRolePolicy(context, inputs, inputs.name ?? context.automaticName),
  update: (context, inputs, previous) => putRolePolicy(context, inputs, previous.id.split(":").pop() ?? ""),
  delete: async ({ clients }, previous) => {
    const [RoleName, PolicyName] = previous.id.split(":");
    await clients.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  },
});

const rolePolicyAttachment = defineAdapter({
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  inputs: z.strictObject({ role: z.string(), policyArn: z.string() }),
  create: async ({ clients, name }, inputs) => {
    await clients.iam.send(new AttachRolePolicyCommand({ RoleName: inputs.role, PolicyArn: inputs.policyArn }));
    return { id: `${inputs.role}-${name}`, outputs: {} };
  },
  delete: async ({ clients }, { inputs }) => {
    const detach = new DetachRolePolicyCommand({ RoleName: String(inputs.role), PolicyArn: String(inputs.policyArn) });
    await clients.iam.send(detach);
  },
});

export const iamAdapters = [role, rolePolicy, rolePolicyAttachment];

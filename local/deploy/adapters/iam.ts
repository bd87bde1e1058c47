import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, pascal } from "./shared";

/** A role with policies cannot be deleted. */
async function removePolicies({ clients: { iam } }: AdapterContext, RoleName: string): Promise<void> {
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of inline.PolicyNames ?? []) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
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
  }),
  replaceOn: ["name", "path"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName }, { name: RoleName = automaticName, assumeRolePolicy, ...wanted }) => {
    const { Role } = await clients.iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: assumeRolePolicy, ...pascal(wanted) }),
    );
    return { id: RoleName, outputs: { name: RoleName, arn: Role?.Arn, uniqueId: Role?.RoleId } };
  },
  update: async ({ clients: { iam } }, wanted, previous) => {
    const RoleName = previous.id;
    const PolicyDocument = wanted.assumeRolePolicy;
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    const { description: Description, maxSessionDuration: MaxSessionDuration, permissionsBoundary } = wanted;
    await iam.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
    if (permissionsBoundary !== previous.inputs.permissionsBoundary) {
      const bounded = permissionsBoundary !== undefined;
      if (!bounded) await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
      else
        await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: permissionsBoundary }));
    }
    return previous;
  },
  delete: async (context, { id }) => {
    await removePolicies(context, id);
    await context.clients.iam.send(new DeleteRoleCommand({ RoleName: id }));
  },
});

const rolePolicyInputs = z.strictObject({ name: z.string().optional(), role: z.string(), policy: jsonDocument });

async function putRolePolicy({ clients, automaticName }: AdapterContext, wanted: z.output<typeof rolePolicyInputs>) {
  const { role: RoleName, policy: PolicyDocument, name: PolicyName = automaticName } = wanted;
  await clients.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  return { id: `${RoleName}:${PolicyName}`, outputs: { name: PolicyName } };
}

const rolePolicy = defineAdapter({
  type: "aws:iam/rolePolicy:RolePolicy",
  inputs: rolePolicyInputs,
  replaceOn: ["name", "role"],
  create: putRolePolicy,
  update: putRolePolicy,
  delete: async ({ clients }, previous) => {
    const [RoleName, PolicyName] = previous.id.split(":");
    await clients.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  },
});

export const iamAdapters = [role, rolePolicy];

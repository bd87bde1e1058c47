import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { jsonDocument, pascal } from "./shared";

/** A role with policies cannot be deleted. */
async function removePolicies({ clients: { iam } }: AdapterContext, RoleName: string): Promise<void> {
  const inline = await iam.listRolePolicies({ RoleName });
  for (const PolicyName of inline.PolicyNames ?? []) {
    await iam.deleteRolePolicy({ RoleName, PolicyName });
  }
  const attached = await iam.listAttachedRolePolicies({ RoleName });
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await iam.detachRolePolicy({ RoleName, PolicyArn });
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
  nameInput: "name",
  replaceOn: ["path"],
  create: async ({ clients }, { name, assumeRolePolicy: AssumeRolePolicyDocument, ...wanted }) => {
    const { Role } = await clients.iam.createRole({ RoleName: name, AssumeRolePolicyDocument, ...pascal(wanted) });
    return { id: name, outputs: { name, arn: Role?.Arn, uniqueId: Role?.RoleId } };
  },
  update: async ({ clients: { iam } }, wanted, previous) => {
    const { name: RoleName, assumeRolePolicy: PolicyDocument, permissionsBoundary: PermissionsBoundary } = wanted;
    await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument });
    const { description: Description, maxSessionDuration: MaxSessionDuration } = wanted;
    await iam.updateRole({ RoleName, Description, MaxSessionDuration });
    if (PermissionsBoundary === previous.inputs.permissionsBoundary) return;
    if (PermissionsBoundary === undefined) await iam.deleteRolePermissionsBoundary({ RoleName });
    else await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary });
  },
  delete: async (context, { id }) => {
    await removePolicies(context, id);
    await context.clients.iam.deleteRole({ RoleName: id });
  },
});

const rolePolicy = defineAdapter({
  type: "aws:iam/rolePolicy:RolePolicy",
  inputs: z.strictObject({ name: z.string().optional(), role: z.string(), policy: jsonDocument }),
  nameInput: "name",
  replaceOn: ["role"],
  idOf: (_, { role, name }) => `${role}:${name}`,
  put: async ({ clients }, { role: RoleName, name, policy: PolicyDocument }) => {
    await clients.iam.putRolePolicy({ RoleName, PolicyName: name, PolicyDocument });
    return { id: `${RoleName}:${name}`, outputs: { name } };
  },
  delete: ({ clients }, { id }) => {
    const [RoleName, PolicyName] = id.split(":");
    return clients.iam.deleteRolePolicy({ RoleName, PolicyName });
  },
});

export const iamAdapters = [role, rolePolicy];

/** What the roles of a local cloud used of their grants. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { GetRolePolicyCommand, IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { awsVariables, localAccount, python, pythonEnvironment } from "@daybreak/local";
import { z } from "zod";
import type { LocalCloud } from "../../cli/clouds/registry";
import type { Unused } from "./unused-grants";

const judgement = z.array(
  z.object({
    role: z.string(),
    sid: z.string(),
    action: z.string(),
    resource: z.string(),
    /** Whether a call used it. */
    used: z.boolean(),
    /** Whether a call that used it would be refused without it. */
    needed: z.boolean(),
  }),
);
export type JudgedGrant = z.infer<typeof judgement>[number];

/** The policies of the cloud's roles. */
async function policiesOf(cloud: LocalCloud): Promise<Record<string, unknown>> {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = awsVariables(cloud);
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new IAMClient({ endpoint: cloud.endpoint, region: localAccount.region, credentials });
  const policies: Record<string, unknown> = {};
  for await (const { Roles = [] } of paginateListRoles({ client }, {})) {
    for (const { RoleName = "" } of Roles) {
      const { PolicyDocument = "" } = await client.send(
        new GetRolePolicyCommand({ RoleName, PolicyName: "permissions" }),
      );
      policies[RoleName] = JSON.parse(decodeURIComponent(PolicyDocument));
    }
  }
  return policies;
}

/** Every grant of the roles that exist in the cloud, judged by its record of calls. */
export async function judgeGrants(cloud: LocalCloud): Promise<JudgedGrant[]> {
  const input = JSON.stringify(await policiesOf(cloud));
  const args = ["-m", "daybreak_local.cloud.grants", join(cloud.home, "grants.jsonl")];
  const env = { ...process.env, ...pythonEnvironment };
  return judgement.parse(JSON.parse(execFileSync(python, args, { input, env, encoding: "utf8", maxBuffer: 2 ** 26 })));
}

/** What is wrong with the grants: unused ones without a reason, and reasons without an unused grant. */
export function unexplained(grants: readonly JudgedGrant[], list: readonly Unused[]): string[] {
  const named = grants.map((grant) => ({ ...grant, role: grant.role.replace(/^daybreak-dev-(cdnow-)?/, "") }));
  const covers = ({ roles, actions, sids, on }: Unused, { role, action, sid, resource }: JudgedGrant) =>
    (roles?.includes(role) ?? true) &&
    actions.includes(action) &&
    (sids?.includes(sid) ?? true) &&
    (on === undefined || `${resource}$`.includes(on));
  const missing = named
    .filter((grant) => !grant.used && !list.some((entry) => covers(entry, grant)))
    .map(({ role, sid, action, resource }) => `unused, without a reason: ${role} ${sid} ${action} ${resource}`);
  // Each role and each action of an entry is one.
  const single = list.flatMap(({ roles, actions, sids, ...entry }) =>
    (roles ?? [undefined]).flatMap((role) =>
      actions.map((action) => ({
        ...entry,
        actions: [action],
        ...(role === undefined ? {} : { roles: [role] }),
        ...(sids === undefined ? {} : { sids }),
      })),
    ),
  );
  const stale = single.flatMap((entry) => {
    const covered = named.filter((grant) => covers(entry, grant));
    const who = `${entry.roles?.[0] ?? "every role"} ${entry.actions[0]}`;
    if (covered.length === 0) return [`no such grant: ${who} (${entry.reason})`];
    return covered
      .filter(({ used }) => used)
      .map(
        ({ role, sid, action, resource }) => `used after all: ${role} ${sid} ${action} ${resource} (${entry.reason})`,
      );
  });
  return [...missing, ...stale];
}

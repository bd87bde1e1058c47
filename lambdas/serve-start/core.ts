/** Decides whether a registry event starts a deployment, and names the execution. */
import * as z from "zod/mini";
import { packageVersion, slug } from "../shared/names";

/** EventBridge's "SageMaker Model Package State Change". */
export const approvalEvent = z.object({
  time: z.string(),
  detail: z.object({
    ModelPackageGroupName: z.optional(z.string()),
    ModelPackageArn: z.string(),
    ModelApprovalStatus: z.optional(z.string()),
    ApprovalDescription: z.optional(z.nullable(z.string())),
    LastModifiedTime: z.optional(z.nullable(z.union([z.string(), z.number()]))),
    LastModifiedBy: z.optional(z.nullable(z.object({ UserProfileName: z.optional(z.nullable(z.string())) }))),
    UpdatedModelPackageFields: z.optional(z.nullable(z.array(z.string()))),
  }),
});
export type ApprovalEvent = z.infer<typeof approvalEvent>;

export interface Deployment {
  name: string;
  input: { modelPackageArn: string; reason?: string; requestedBy?: string };
}

export type Decision = { deploy: Deployment } | { ignored: string };

/**
 * A deployment if the event reports a new approval. SageMaker also sends the status Approved whenever the metadata of an
 * approved package changes; only UpdatedModelPackageFields distinguishes the two.
 */
export function decide(event: ApprovalEvent, modelPackageGroup: string): Decision {
  const { detail } = event;
  const group = detail.ModelPackageGroupName;
  if (group !== undefined && group !== modelPackageGroup) {
    return { ignored: `the package is of group ${group}, this pipeline's is ${modelPackageGroup}` };
  }
  if (detail.ModelApprovalStatus !== "Approved") {
    return { ignored: `the package is ${detail.ModelApprovalStatus ?? "without an approval status"}, not Approved` };
  }
  const changed = detail.UpdatedModelPackageFields ?? [];
  if (!changed.includes("ModelApprovalStatus")) {
    return { ignored: `the approval did not change, only ${changed.join(", ") || "nothing named"}` };
  }
  const version = packageVersion(detail.ModelPackageArn);
  const requestedBy = detail.LastModifiedBy?.UserProfileName;
  return {
    deploy: {
      name: `v${version}-${slug(String(detail.LastModifiedTime ?? event.time))}`.slice(0, 80),
      input: {
        modelPackageArn: detail.ModelPackageArn,
        ...(detail.ApprovalDescription && { reason: detail.ApprovalDescription }),
        ...(requestedBy && { requestedBy }),
      },
    },
  };
}

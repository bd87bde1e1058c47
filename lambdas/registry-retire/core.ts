/** Which model versions, SageMaker models and endpoint configurations are no longer needed. */

export interface Version {
  version: number;
  arn: string;
  approval: string;
  created: Date;
}

/** A SageMaker model or an endpoint configuration, which a deployment of a version made. */
export interface Deployed {
  kind: "model" | "config";
  name: string;
  version: number;
  created: Date;
}

/** The version that serves, and the best one so far, with which a new model is compared. */
export interface Serving {
  version: number;
  floor: number | undefined;
}

export interface Expired {
  versions: Version[];
  deployed: Deployed[];
}

/**
 * Finds what is older than a time and not needed. Needed are: the version that serves; the newest other approved one, to which one
 * goes back; the best one so far; those that await a review; and those that were deployed since, whatever their age.
 */
export function findExpired(
  versions: readonly Version[],
  deployed: readonly Deployed[],
  serving: Serving | undefined,
  before: Date,
): Expired {
  const previous = versions
    .filter(({ version, approval }) => approval === "Approved" && version !== serving?.version)
    .map(({ version }) => version);
  const needed = new Set([
    ...(serving === undefined ? [] : [serving.version, serving.floor]),
    ...(previous.length === 0 ? [] : [Math.max(...previous)]),
    ...versions.filter(({ approval }) => approval === "PendingManualApproval").map(({ version }) => version),
    ...deployed.filter(({ created }) => created >= before).map(({ version }) => version),
  ]);
  const isExpired = ({ version, created }: { version: number; created: Date }) =>
    created < before && !needed.has(version);
  return { versions: versions.filter(isExpired), deployed: deployed.filter(isExpired) };
}

/** The services of AWS that code in the private network calls, each by an endpoint of its own. */
import * as aws from "@pulumi/aws";

/** By the names of their interface endpoints; S3 has a gateway. test/infra/network.test.ts compares them with the grants of the roles. */
export const endpointServices = [
  "glue",
  // Glue itself calls it for a job that has a security configuration (developer guide: "Creating a route to AWS KMS for VPC jobs").
  "kms",
  "monitoring",
  "sagemaker.api",
  "sagemaker.featurestore-runtime",
  "sagemaker.runtime",
  "sns",
  "states",
] as const;

/** What the region offers of them. */
export interface EndpointOffer {
  /** Two availability zones that have all of them. */
  zones: readonly [string, string];
  /** Those whose endpoints take a policy. */
  withPolicy: ReadonlySet<string>;
}

/**
 * Asks AWS where these endpoints can be: not every service is in every zone of a region.
 *
 * @throws Error if fewer than two zones have all of them
 */
export async function findEndpoints(region: string): Promise<EndpointOffer> {
  const found = await Promise.all(
    endpointServices.map((service) => aws.ec2.getVpcEndpointService({ service, serviceType: "Interface" })),
  );
  const [first = [], ...others] = found.map(({ availabilityZones }) => availabilityZones);
  const [one, other] = first.filter((zone) => others.every((zones) => zones.includes(zone))).sort();
  if (one === undefined || other === undefined) {
    throw new Error(
      `daybreak:network is "private", but ${region} has fewer than two availability zones in which all of these have ` +
        `interface endpoints: ${endpointServices.join(", ")}. Choose another region, or "public".`,
    );
  }
  const withPolicy = endpointServices.filter((_, index) => found[index]?.vpcEndpointPolicySupported === true);
  return { zones: [one, other], withPolicy: new Set(withPolicy) };
}

/** Whether the account's quotas suffice. AWS's names of quotas find their codes, which differ for each instance type. */
import {
  paginateListAWSDefaultServiceQuotas,
  paginateListServiceQuotas,
  type ServiceQuota,
  type ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { count } from "../shared/output";
import { awsCommand } from "./commands";
import { examined, type Finding } from "./finding";
import type { QuotaNeed } from "./needs";

const titles: Record<QuotaNeed["service"], string> = {
  sagemaker: "SageMaker quota",
  glue: "Glue quota",
  lambda: "Lambda quota",
};

export async function checkQuotas(
  client: ServiceQuotasClient,
  region: string,
  needs: readonly QuotaNeed[],
): Promise<Finding[]> {
  const services = [...new Set(needs.map(({ service }) => service))];
  const findings = services.map((service) =>
    examined(
      titles[service],
      ["servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas"],
      async () => {
        const [applied, defaults] = await Promise.all([
          byName(paginateListServiceQuotas({ client }, { ServiceCode: service, MaxResults: 100 })),
          byName(paginateListAWSDefaultServiceQuotas({ client }, { ServiceCode: service, MaxResults: 100 })),
        ]);
        return needs
          .filter((need) => need.service === service)
          .map((need) => judge(need, region, applied.get(key(need.quota)), defaults.get(key(need.quota))));
      },
    ),
  );
  return (await Promise.all(findings)).flat();
}

/** AWS is not consistent about capitals in the names of quotas. */
const key = (name: string) => name.toLowerCase();

async function byName(
  pages: AsyncIterable<{ Quotas?: ServiceQuota[] | undefined }>,
): Promise<Map<string, ServiceQuota>> {
  const found = new Map<string, ServiceQuota>();
  for await (const { Quotas = [] } of pages) for (const quota of Quotas) found.set(key(quota.QuotaName ?? ""), quota);
  return found;
}

/** A quota that was never changed has no applied value, but a default. */
function judge(need: QuotaNeed, region: string, applied?: ServiceQuota, usual?: ServiceQuota): Finding {
  const { service, quota, needed, why, otherwise } = need;
  const check = titles[service];
  const { Value, QuotaCode, Adjustable } = applied ?? usual ?? {};
  if (Value === undefined || QuotaCode === undefined) {
    return {
      check,
      state: "not checked",
      found: `${quota}: Service Quotas lists none of this name in ${region}; needed: ${needed} (${why})`,
    };
  }
  const found = `${quota}: ${count(Value)} of the ${count(needed)} needed (${why})`;
  if (Value >= needed) return { check, state: "ok", found: `${quota}: ${count(Value)}; ${count(needed)} needed` };
  if (Adjustable === false) return { check, state: otherwise, found, remedy: "AWS does not raise this quota." };
  return {
    check,
    state: otherwise,
    found,
    remedy: "Ask for it, plus what others in the account take; AWS answers within minutes or days:",
    commands: [
      awsCommand(["service-quotas", "request-service-quota-increase"], {
        "service-code": service,
        "quota-code": QuotaCode,
        // What every account has by default is granted at once.
        "desired-value": Math.max(needed, usual?.Value ?? 0),
        region,
      }),
    ],
  };
}

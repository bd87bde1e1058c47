/** All rules, in the order of their names. */
import type { Rule } from "../rule";
import { customerKeys } from "./customer-keys";
import { deadLetters } from "./dead-letters";
import { deletionProtection } from "./deletion-protection";
import { keyRotation } from "./key-rotation";
import { logRetention } from "./log-retention";
import { noInternetRoute } from "./no-internet-route";
import { noPublicAccess } from "./no-public-access";
import { noWildcardActions } from "./no-wildcard-actions";
import { noWildcardResources } from "./no-wildcard-resources";
import { privateBuckets } from "./private-buckets";
import { privateNetwork } from "./private-network";
import { productionAccessLogs } from "./production-access-logs";
import { productionAlerts } from "./production-alerts";
import { productionInstances } from "./production-instances";
import { productionRetention } from "./production-retention";
import { tags } from "./tags";
import { tlsOnly } from "./tls-only";
import { trustSourceAccount } from "./trust-source-account";
import { trustSubject } from "./trust-subject";

export const rules: readonly Rule[] = [
  customerKeys,
  deadLetters,
  deletionProtection,
  keyRotation,
  logRetention,
  noInternetRoute,
  noPublicAccess,
  noWildcardActions,
  noWildcardResources,
  privateBuckets,
  privateNetwork,
  productionAccessLogs,
  productionAlerts,
  productionInstances,
  productionRetention,
  tags,
  tlsOnly,
  trustSourceAccount,
  trustSubject,
];

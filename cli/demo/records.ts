/** Collects the facts of a running demo in the summary's format. */
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { ModelQuality } from "../../contracts/model-quality";
import type {
  DeploymentSummary,
  DriftSummary,
  ModelSummary,
  RunSummary,
  ServingSummary,
  Summary,
} from "../../contracts/summary";
import { clients } from "../shared/clients";

export class Records {
  /** The ID of each event that the stream acknowledged; undefined if the event has none. */
  readonly sentIds: (string | undefined)[] = [];
  rejected = 0;
  readonly runs: RunSummary[] = [];
  readonly models: ModelSummary[] = [];
  readonly checks: DriftSummary[] = [];
  readonly servingChecks: ServingSummary[] = [];
  readonly qualityChecks: ModelQuality[] = [];
  readonly deployments: DeploymentSummary[] = [];
  readonly alarms: Summary["alarms"] = [];
  readonly #alarmStates = new Map<string, string>();

  /** Reads these alarms and records each state change. */
  async lookAtAlarms(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const { MetricAlarms = [] } = await clients
      .cloudwatch()
      .send(new DescribeAlarmsCommand({ AlarmNames: [...names] }));
    for (const { AlarmName = "", StateValue = "", StateReason = "", StateUpdatedTimestamp } of MetricAlarms) {
      const before = this.#alarmStates.get(AlarmName);
      this.#alarmStates.set(AlarmName, StateValue);
      if (before === StateValue || (before === undefined && StateValue !== "ALARM")) continue;
      const at = (StateUpdatedTimestamp ?? new Date()).toISOString();
      this.alarms.push({ alarm: AlarmName, state: StateValue, at, reason: StateReason });
    }
  }

  /** Whether one of these alarms was in ALARM when last read. */
  isAlarmed(names: readonly string[]): boolean {
    return names.some((name) => this.#alarmStates.get(name) === "ALARM");
  }
}

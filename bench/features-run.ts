/** Measures a daily features run: transform, quality and features for one day of new events. */
import { setTimeout as sleep } from "node:timers/promises";
import { type CloudAddress, flush } from "@daybreak/local";
import type { Replay } from "../cli/demo/replay";
import { send } from "../cli/feed/send";
import { clients } from "../cli/shared/clients";
import { followExecution, type StateTime, startExecution } from "../cli/shared/executions";
import { LandedCounter } from "../cli/shared/lake";
import type { PipelineOutputs } from "../contracts/stack-outputs";
import { addDays } from "../lambdas/shared/days";

/** Number of days measured, after a first day whose run processes the whole history. */
const ordinaryDays = 7;
const landingPollMilliseconds = 200;

/** A run in mode features. */
export interface DayRun {
  asOf: string;
  seconds: number;
  states: StateTime[];
}

/** Runs the pipeline for each day after `firstDay`, each with one day of new events. */
export async function ordinaryDayRuns(
  cloud: CloudAddress,
  pipeline: PipelineOutputs,
  replay: Replay,
  firstDay: string,
): Promise<DayRun[]> {
  const landed = new LandedCounter(pipeline.datasets.raw_events.uri);
  let sent = 0;
  const runs: DayRun[] = [];
  for (let days = 0; days <= ordinaryDays; days += 1) {
    const asOf = addDays(firstDay, days);
    const feed = { client: clients.kinesis(), stream: pipeline.streamName, onRejected: () => undefined };
    sent += (await send(replay.before(asOf), feed)).sent;
    for (await flush(cloud); (await landed.count()) < sent; await flush(cloud)) {
      await sleep(landingPollMilliseconds);
    }
    const trigger = { type: "person", actor: "bench" };
    const arn = await startExecution(pipeline.runStateMachineArn, `day-${asOf}`, { mode: "features", asOf, trigger });
    const { status, cause, seconds, states } = await followExecution(arn);
    if (status !== "SUCCEEDED") throw new Error(`the run as of ${asOf} ended with status ${status}: ${cause}`);
    runs.push({ asOf, seconds, states });
  }
  return runs.slice(1);
}

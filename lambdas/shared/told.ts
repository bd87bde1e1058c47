/** What is alerted once, because a daily training would repeat it every dawn. */
import type { RunPlan } from "../../contracts/run-plan";
import type { LastAlert } from "../../contracts/training-decision";

/** What is remembered of an alert about a run. */
export function toldOf(run: RunPlan): LastAlert {
  return {
    run_id: run.run_id,
    as_of: run.as_of,
    champion_version: run.champion?.version ?? null,
    spec_uri: run.spec_uri,
  };
}

/** Whether the last alert was about another serving version or another pipeline.yaml. */
export function isNews(run: RunPlan, last: LastAlert | undefined): boolean {
  const { champion_version, spec_uri } = toldOf(run);
  const isKnown = last !== undefined && last.champion_version === champion_version && last.spec_uri === spec_uri;
  // A retry of the run that sent it sends it again: the first attempt may have failed before.
  return !isKnown || last.run_id === run.run_id;
}

/** What every part of a demo works with. */
import type { PipelineSpec } from "../../spec/pipeline";
import type { PipelineOutputs, StackOutputs } from "../shared/deployment";
import type { LandedCounter } from "../shared/lake";
import type { StageProgress } from "./progress";
import type { Records } from "./records";
import type { Replay } from "./replay";
import type { Timeline } from "./timeline";
import type { Traffic } from "./traffic";

export interface Demo {
  spec: PipelineSpec;
  endpoint: string;
  stack: StackOutputs;
  pipeline: PipelineOutputs;
  replay: Replay;
  timeline: Timeline;
  traffic: Traffic;
  landed: LandedCounter;
  progress: StageProgress;
  records: Records;
  /** The folder `.daybreak/<pipeline>/`. */
  home: string;
}

/** The context that all parts of a demo share. */
import type { CloudAddress } from "@daybreak/local";
import type { PipelineOutputs } from "../../contracts/stack-outputs";
import type { PipelineSpec } from "../../spec/pipeline";
import type { LandedCounter } from "../shared/lake";
import type { AlertInbox } from "./alerts";
import type { StageProgress } from "./progress";
import type { Records } from "./records";
import type { Replay } from "./replay";
import type { Timeline } from "./timeline";
import type { Traffic } from "./traffic";

export interface Demo {
  spec: PipelineSpec;
  cloud: CloudAddress;
  pipeline: PipelineOutputs;
  replay: Replay;
  timeline: Timeline;
  traffic: Traffic;
  landed: LandedCounter;
  /** Daybreak's alert messages since the deployment. */
  inbox: AlertInbox;
  progress: StageProgress;
  records: Records;
  /** The folder of the demo's cloud, its logs, and the events that could not be sent. */
  folder: string;
}

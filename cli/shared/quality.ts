/** The newest check of whether a pipeline's serving version is still right, in one line. */
import { type ModelQuality, modelQuality } from "../../contracts/model-quality";
import { modelQualityFolder } from "../../infra/lake/folders";
import { environmentNames, type Place } from "../../infra/names";
import { readJson } from "./lake";

/** undefined before the first check. */
export async function newestQuality(place: Place, pipeline: string): Promise<ModelQuality | undefined> {
  const { lakeBucket } = environmentNames(place);
  return readJson(`s3://${lakeBucket}/${modelQualityFolder(pipeline)}/latest.json`, modelQuality);
}

const verdicts: Record<ModelQuality["status"], string> = {
  kept: "keeps its promise",
  broken: "IS WORSE THAN PROMISED",
  skipped: "cannot be judged yet",
};

/** Such as "v1 keeps its promise: AUC 0.720 [0.680, 0.750] on 616 scores as of 1997-12-08; the evaluation of v1 promised …". */
export function qualityText({ version, status, reason }: ModelQuality): string {
  const subject = version === null ? "The quality" : `v${version}`;
  return `${subject} ${verdicts[status]}${reason === undefined ? "" : `: ${reason}`}`;
}

/** Finds whether requests have been captured since the last check of them. */
import * as z from "zod/mini";
import type { ServingPlan } from "../../contracts/monitor-plan";
import { servingReport } from "../../contracts/serving-report";
import { listObjects, parseUri, readJson } from "../shared/storage";

const checked = z.pick(servingReport, { position: true });

export interface Captures {
  /** The folder that has folders by hour. */
  folder: string;
  reportsUri: string;
  endpoint: string;
  variant: string;
}

/** The captures to check, or null if no file is new. The listing begins where the last check stopped. */
export async function planServing(captures: Captures): Promise<ServingPlan | null> {
  const { endpoint, variant, folder } = captures;
  const latest = await readJson(`${captures.reportsUri}/latest.json`, checked);
  const read = new Set(latest?.position.read);
  const { bucket, key } = parseUri(`${folder}/`);
  const start = latest === undefined ? "" : `${key}${latest.position.hour}`;
  for await (const object of listObjects(bucket, key, start)) {
    if (!read.has(object.key.slice(key.length))) return { endpoint, variant, captures_uri: folder };
  }
  return null;
}

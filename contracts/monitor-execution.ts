/** Input of the state machine `monitor`; its output is the drift report. */
import * as z from "zod/mini";
import { day } from "./values";

export const monitorInput = z.object({
  asOf: z.optional(z.nullable(day)).check(z.describe("The scored day to check. Default: the newest.")),
});
export type MonitorInput = z.infer<typeof monitorInput>;

/** The default program: the stack of infra/, as `pulumi up` runs it. */
import { loadConfig } from "../../infra/config";
import { createStack } from "../../infra/stack";
import type { Program } from "./deploy";

export const program: Program = async () => ({ ...(await createStack(loadConfig())) });

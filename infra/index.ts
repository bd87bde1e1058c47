/** What `pulumi up` runs. */
import { loadConfig } from "./config";
import { createStack } from "./stack";

export = async () => createStack(loadConfig());

/** Entry point of the Pulumi program. */
import { loadConfig } from "./config";
import { createStack } from "./stack";

export = async () => createStack(loadConfig());

/** Environment variables for the local cloud and the tests: Java for Spark, and this repository's Python. */
import { join } from "node:path";
import { javaHome } from "./java.mjs";
import { PYTHON, ROOT } from "./paths.mjs";

export function runtimeEnvironment() {
  return {
    ...process.env,
    JAVA_HOME: javaHome(),
    PYSPARK_PYTHON: PYTHON,
    PYTHONPATH: join(ROOT, "local"),
    // Otherwise Spark resolves its host name at every start and prints a warning.
    SPARK_LOCAL_IP: "127.0.0.1",
    PYTHONDONTWRITEBYTECODE: "1",
    // Suppresses the SDK's warning about future Node versions.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

/** The environment that the local side's programs run in: the Java for Spark, and this repository's Python. */
import { join } from "node:path";
import { javaHome } from "./java.mjs";
import { PYTHON, ROOT } from "./paths.mjs";

export function runtimeEnvironment() {
  return {
    ...process.env,
    JAVA_HOME: javaHome(),
    PYSPARK_PYTHON: PYTHON,
    PYTHONPATH: join(ROOT, "local"),
    // Spark would otherwise look its address up in DNS, and say on each start that it had to.
    SPARK_LOCAL_IP: "127.0.0.1",
    PYTHONDONTWRITEBYTECODE: "1",
    // The SDK says on each start that it will want a newer Node one day.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

import { describe, expect, test } from "@jest/globals";
import { parsePs, type RunningProcess } from "../../../cli/clouds/processes";
import { descendantsOf, lambdaWorkers, mastersOf, ofKind, workersOf } from "../../../faults/processes";

const rows = `
    1     0 S    Thu Nov 27 21:19:01 2025 /sbin/init
  100     1 S    Thu Nov 27 21:20:00 2025 /venv/bin/python -m daybreak_local --port 4600
  110   100 S    Thu Nov 27 21:20:05 2025 /venv/bin/python -m daybreak_local.spark.worker --folder /tmp/a b/work
  111   110 S    Thu Nov 27 21:20:06 2025 /jdk/bin/java -cp /jars/* org.apache.spark.deploy.SparkSubmit pyspark-shell
  112   111 S    Thu Nov 27 21:20:07 2025 /venv/bin/python -m pyspark.daemon
  113   112 S    Thu Nov 27 21:20:08 2025 /venv/bin/python -m pyspark.daemon
  120   100 S    Thu Nov 27 21:21:00 2025 /venv/bin/python -S -E /local/container/supervise.py /venv/bin/python /work/job/opt/ml/input/data/code/train.py
  121   120 S    Thu Nov 27 21:21:00 2025 /venv/bin/python /work/job/opt/ml/input/data/code/train.py
  122   100 S    Thu Nov 27 21:21:30 2025 /venv/bin/python -S -E /local/container/supervise.py python3 /opt/ml/processing/input/code/score.py
  123   122 S    Thu Nov 27 21:21:30 2025 python3 /opt/ml/processing/input/code/score.py
  130   100 S    Thu Nov 27 21:22:00 2025 /venv/bin/python -m gunicorn --config c.py --bind fd://9 serving:load()
  131   130 S    Thu Nov 27 21:22:01 2025 /venv/bin/python -m gunicorn --config c.py --bind fd://9 serving:load()
  140   100 S    Thu Nov 27 21:23:00 2025 /usr/bin/node /tmp/ministack-lambda-daybreak-dev-shop-serve-start-x1/_worker.js
  200     1 S    Thu Nov 27 21:24:00 2025 /other/bin/java org.apache.spark.deploy.SparkSubmit pyspark-shell
`;
const all = parsePs(rows);
const tree = descendantsOf(100, all);
const pids = (some: readonly RunningProcess[]) => some.map(({ pid }) => pid);

describe("the processes of a cloud", () => {
  test("are its descendants, and nobody else's", () => {
    expect(all).toHaveLength(14);
    expect(pids(tree).sort()).toEqual([110, 111, 112, 113, 120, 121, 122, 123, 130, 131, 140]);
  });

  test("are told apart by what they run", () => {
    expect(pids(ofKind("Spark JVM", tree))).toEqual([111]);
    expect(pids(ofKind("Spark driver", tree))).toEqual([110]);
    expect(pids(ofKind("training process", tree))).toEqual([121]);
    expect(pids(ofKind("scoring process", tree))).toEqual([123]);
    expect(pids(mastersOf("model server", tree))).toEqual([130]);
    expect(pids(workersOf("model server", tree))).toEqual([131]);
    expect(pids(workersOf("PySpark daemon", tree))).toEqual([113]);
    expect(pids(lambdaWorkers("daybreak-dev-shop-serve-start", tree))).toEqual([140]);
  });
});

"""Glue jobs in a running cloud's warm Spark session: roles, arguments, isolation."""

import contextlib
import io
import json
import textwrap
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest
from cloud_support import Cloud, allow, run_workflow, task, wait_for

from daybreak_local.spark.session import SHUFFLE_PARTITIONS

pytestmark = pytest.mark.integration

CODE = "glue-code"
LAKE = "glue-lake"
READ_CODE = allow("s3:GetObject", f"arn:aws:s3:::{CODE}/*")
CATALOG = allow(["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"])
LAKE_OBJECTS = f"arn:aws:s3:::{LAKE}/*"
LIST_LAKE = allow("s3:ListBucket", f"arn:aws:s3:::{LAKE}")
WRITE_LOGS = allow(
    ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "arn:aws:logs:*:*:log-group:/aws-glue/*",
)
READ_LAKE = [allow("s3:GetObject", LAKE_OBJECTS), LIST_LAKE]


@pytest.fixture(scope="module")
def buckets(cloud: Cloud) -> Cloud:
    s3 = cloud.client("s3")
    for bucket in (CODE, LAKE):
        s3.create_bucket(Bucket=bucket)
    for index in range(3):
        s3.put_object(
            Bucket=LAKE,
            Key=f"raw/part-{index}.json",
            Body=json.dumps({"id": index, "amount": index * 1.5}).encode(),
        )
    cloud.client("glue").create_database(
        DatabaseInput={"Name": "shop", "LocationUri": f"s3://{LAKE}/curated"}
    )
    return cloud


# As on AWS, the job configures its own catalog.
LAKE_CATALOG = {
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    "spark.sql.catalog.lake.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.catalog.lake.warehouse": f"s3://{LAKE}",
}


def make_job(cloud: Cloud, name: str, script: str, statements: list[dict], **arguments: str) -> None:
    cloud.client("s3").put_object(Bucket=CODE, Key=f"{name}.py", Body=textwrap.dedent(script).encode())
    role = cloud.role(f"{name}-job", "glue.amazonaws.com", [READ_CODE, WRITE_LOGS, *statements])
    cloud.client("glue").create_job(
        Name=name,
        Role=role,
        GlueVersion="5.1",
        Command={"Name": "glueetl", "ScriptLocation": f"s3://{CODE}/{name}.py", "PythonVersion": "3"},
        DefaultArguments={
            "--lake_bucket": LAKE,
            "--conf": " --conf ".join(f"{key}={value}" for key, value in LAKE_CATALOG.items()),
            **{f"--{key}": value for key, value in arguments.items()},
        },
    )


def run_job(cloud: Cloud, name: str, **arguments: str) -> dict[str, Any]:
    glue = cloud.client("glue")
    given = {f"--{key}": value for key, value in arguments.items()}
    run_id = glue.start_job_run(JobName=name, Arguments=given)["JobRunId"]

    def finished() -> dict[str, Any] | None:
        run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return run if run["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING") else None

    return wait_for(finished, seconds=120)


def output(cloud: Cloud, run: dict[str, Any], kind: str = "output") -> list[str]:
    group = f"{run.get('Arguments', {}).get('--custom-logGroup-prefix', '/aws-glue/jobs')}/{kind}"
    events = cloud.client("logs").get_log_events(
        logGroupName=group, logStreamName=run["Id"], startFromHead=True
    )["events"]
    return [event["message"] for event in events]


COUNT = """
    import sys
    from awsglue.utils import getResolvedOptions
    from pyspark.sql import SparkSession
    arguments = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_bucket", "greeting"])
    spark = SparkSession.builder.getOrCreate()
    print(arguments["greeting"], spark.read.json(f"s3://{arguments['lake_bucket']}/raw/").count())
    spark.stop()
"""


def test_a_job_reads_s3_with_its_arguments_and_its_output_is_logged(buckets: Cloud) -> None:
    make_job(buckets, "count", COUNT, READ_LAKE, greeting="default")
    run = run_job(buckets, "count", greeting="hello")
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    assert output(buckets, run) == ["hello 3"]
    assert run["CompletedOn"] >= run["StartedOn"]


def test_a_job_logs_to_the_groups_of_its_prefix_if_its_role_may(buckets: Cloud) -> None:
    make_job(buckets, "logging", "print('here')", [])
    run = run_job(buckets, "logging", **{"custom-logGroup-prefix": "/aws-glue/mine"})
    assert output(buckets, run) == ["here"]

    buckets.allow("logging-job", [READ_CODE])
    unlogged = run_job(buckets, "logging", **{"custom-logGroup-prefix": "/aws-glue/none"})
    assert unlogged["JobRunState"] == "SUCCEEDED"
    groups = buckets.client("logs").describe_log_groups(logGroupNamePrefix="/aws-glue/none")["logGroups"]
    assert groups == []


def test_a_security_configuration_that_encrypts_logs_renames_their_groups(buckets: Cloud) -> None:
    make_job(buckets, "encrypted-logs", "print('here')", [])
    glue = buckets.client("glue")
    for mode, group in (("SSE-KMS", "/aws-glue/jobs/output-SSE-KMS"), ("DISABLED", "/aws-glue/jobs/output")):
        logs = {"CloudWatchEncryption": {"CloudWatchEncryptionMode": mode}}
        glue.create_security_configuration(Name=mode, EncryptionConfiguration=logs)
        definition = glue.get_job(JobName="encrypted-logs")["Job"]
        wanted = {key: definition[key] for key in ("Role", "Command", "DefaultArguments")}
        glue.update_job(JobName="encrypted-logs", JobUpdate={**wanted, "SecurityConfiguration": mode})
        run = run_job(buckets, "encrypted-logs")
        events = buckets.client("logs").get_log_events(logGroupName=group, logStreamName=run["Id"])["events"]
        assert [event["message"] for event in events] == ["here"]


def test_a_role_without_getobject_is_denied_right_after_one_that_has_it(buckets: Cloud) -> None:
    make_job(buckets, "may-read", COUNT, READ_LAKE, greeting="a")
    make_job(buckets, "may-not-read", COUNT, [LIST_LAKE], greeting="b")
    assert run_job(buckets, "may-read")["JobRunState"] == "SUCCEEDED"
    denied = run_job(buckets, "may-not-read")
    assert denied["JobRunState"] == "FAILED"
    assert "AccessDenied" in denied["ErrorMessage"] or "Access Denied" in denied["ErrorMessage"]
    assert run_job(buckets, "may-read")["JobRunState"] == "SUCCEEDED"


ICEBERG = """
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    spark.sql("CREATE TABLE IF NOT EXISTS lake.shop.events (id int, amount double) USING iceberg "
              "TBLPROPERTIES ('format-version' = '2')")
    raw = spark.read.json("s3://glue-lake/raw/").selectExpr("cast(id as int) id", "amount")
    raw.writeTo("lake.shop.events").append()
    print(spark.table("lake.shop.events").count())
"""
ICEBERG_READ = """
    from pyspark.sql import SparkSession
    print(SparkSession.builder.getOrCreate().table("lake.shop.events").count())
"""


def test_iceberg_tables_are_in_the_glue_catalog_and_access_depends_on_the_role(buckets: Cloud) -> None:
    write = [allow(["s3:GetObject", "s3:PutObject"], LAKE_OBJECTS), LIST_LAKE, CATALOG]
    make_job(buckets, "write-table", ICEBERG, write)
    run = run_job(buckets, "write-table")
    assert run["JobRunState"] == "SUCCEEDED", output(buckets, run, "error")
    table = buckets.client("glue").get_table(DatabaseName="shop", Name="events")["Table"]
    assert table["Parameters"]["table_type"] == "ICEBERG"

    make_job(buckets, "read-table", ICEBERG_READ, [*READ_LAKE, allow("glue:GetTable")])
    assert output(buckets, run_job(buckets, "read-table")) == ["3"]
    make_job(buckets, "no-catalog", ICEBERG_READ, READ_LAKE)
    refused = run_job(buckets, "no-catalog")
    assert refused["JobRunState"] == "FAILED"
    assert "glue:GetTable" in refused["ErrorMessage"]
    # Not by denying s3:GetObject, which Iceberg retries for 90 seconds.


def test_a_job_leaves_nothing_for_the_next_one(buckets: Cloud) -> None:
    leave = """
        import os
        from pyspark.sql import SparkSession
        import helper
        helper.STATE.append(1)
        os.environ["LEFT_BEHIND"] = "yes"
        spark = SparkSession.builder.getOrCreate()
        spark.range(3).createOrReplaceTempView("left")
        spark.conf.set("spark.sql.shuffle.partitions", "77")
        print(len(helper.STATE), helper.VERSION)
    """
    look = """
        import os, sys, boto3
        from pyspark.sql import SparkSession
        spark = SparkSession.builder.getOrCreate()
        import helper
        left = "LEFT_BEHIND" in os.environ, spark.catalog.tableExists("left")
        print(len(helper.STATE), helper.VERSION, *left, spark.conf.get("spark.sql.shuffle.partitions"))
        print(boto3.client("sts").get_caller_identity()["Arn"].split("/")[1])
    """
    for version in (1, 2):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("helper.py", f"STATE = []\nVERSION = {version}\n")
        buckets.client("s3").put_object(Bucket=CODE, Key=f"helper-{version}.zip", Body=archive.getvalue())
    make_job(buckets, "leave", leave, [], **{"extra-py-files": f"s3://{CODE}/helper-1.zip"})
    make_job(buckets, "look", look, [], **{"extra-py-files": f"s3://{CODE}/helper-2.zip"})
    assert output(buckets, run_job(buckets, "leave")) == ["1 1"]
    run = run_job(buckets, "look")
    assert output(buckets, run) == [f"0 2 False False {SHUFFLE_PARTITIONS}", "look-job"]


ENVIRONMENT = """
    import json, os, time
    from pyspark.sql import SparkSession
    def look(_=None):
        return {**os.environ, "now": time.localtime(0).tm_hour}
    print(json.dumps(look()))
    print(json.dumps(SparkSession.builder.getOrCreate().sparkContext.parallelize([1], 1).map(look).first()))
"""


def test_a_job_s_driver_and_workers_get_nothing_of_the_developer_s(buckets: Cloud) -> None:
    make_job(buckets, "isolated", ENVIRONMENT, [allow("s3:ListBucket")])
    driver, worker = map(json.loads, output(buckets, run_job(buckets, "isolated")))
    for seen in (driver, worker):
        assert seen["now"] == 0
        assert "SECRET_TOKEN" not in seen
        assert "AWS_PROFILE" not in seen
        assert not set(buckets.keys.values()) & {str(value) for value in seen.values()}
    assert driver["AWS_ACCESS_KEY_ID"] == worker["AWS_ACCESS_KEY_ID"]


def test_a_failed_script_reports_its_last_line(buckets: Cloud) -> None:
    make_job(buckets, "broken", 'raise ValueError("volume: 0 rows, expected at least 1")', [])
    run = run_job(buckets, "broken")
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "ValueError: volume: 0 rows, expected at least 1"
    assert any("Traceback" in line for line in output(buckets, run, "error"))


def test_a_script_that_the_role_may_not_read_does_not_run(buckets: Cloud) -> None:
    make_job(buckets, "unread", "print(1)", [])
    buckets.allow("unread-job", [])
    run = run_job(buckets, "unread")
    assert run["JobRunState"] == "FAILED"
    assert "s3:GetObject" in run["ErrorMessage"]


def test_a_concurrent_run_is_rejected(buckets: Cloud) -> None:
    make_job(buckets, "slow", "import time; time.sleep(3)", [])
    glue = buckets.client("glue")
    first = glue.start_job_run(JobName="slow")["JobRunId"]
    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        glue.start_job_run(JobName="slow")
    wait_for(
        lambda: glue.get_job_run(JobName="slow", RunId=first)["JobRun"]["JobRunState"] == "SUCCEEDED", 60
    )


def test_a_workflow_waits_for_its_job_and_gets_the_cause(buckets: Cloud) -> None:
    make_job(buckets, "halting", 'raise SystemExit("the volume rule halted the run")', [])
    start = task("glue:startJobRun.sync", {"JobName": "halting"})
    finished = run_workflow(
        buckets, "flow-glue", {"Check": start}, [allow(["glue:StartJobRun", "glue:GetJobRun"])]
    )
    assert finished["error"] == "States.TaskFailed"
    assert json.loads(finished["cause"])["ErrorMessage"] == "SystemExit: the volume rule halted the run"
    refused = run_workflow(buckets, "flow-no-glue", {"Check": start}, [])
    assert refused["error"].startswith("Glue.")
    assert "glue:StartJobRun" in refused["cause"]


def test_a_crashed_session_is_replaced_for_the_next_job(buckets: Cloud) -> None:
    make_job(buckets, "crash", "import os; os._exit(3)", [])
    run = run_job(buckets, "crash")
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "The job's Python process ended with exit code 3 while it ran the job."
    make_job(buckets, "after", "print('here')", [])
    assert output(buckets, run_job(buckets, "after")) == ["here"]


WORKERS = """
    import os
    from pyspark.sql import SparkSession
    context = SparkSession.builder.getOrCreate().sparkContext
    print(*context.parallelize([1], 1).map(lambda _: os.environ["AWS_ACCESS_KEY_ID"]).collect())
"""


def spark_processes(cloud: Cloud, words: str) -> list[psutil.Process]:
    """The cloud's child processes, at any depth, with these words in their command lines."""
    found = []
    for process in psutil.Process(cloud.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if words in " ".join(process.cmdline()):
                found.append(process)
    return found


def java(cloud: Cloud) -> psutil.Process:
    return wait_for(lambda: spark_processes(cloud, "org.apache.spark.deploy.SparkSubmit"), 60)[-1]


@pytest.mark.parametrize("script", ["import time; time.sleep(600)", "while True: spark.range(9).count()"])
def test_a_job_whose_spark_process_is_killed_fails_at_once_with_the_cause(
    buckets: Cloud, script: str
) -> None:
    name = f"killed-{len(script)}"
    start = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
    make_job(buckets, name, f"{start}{script}", [])
    glue = buckets.client("glue")
    run_id = glue.start_job_run(JobName=name)["JobRunId"]

    def run() -> dict[str, Any]:
        return glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]

    wait_for(lambda: run()["JobRunState"] == "RUNNING", 60)
    killed = java(buckets)
    time.sleep(1)  # into the script
    killed.kill()
    wait_for(lambda: run()["JobRunState"] == "FAILED", 10)
    assert run()["ErrorMessage"] == "The Spark process was killed by signal 9 (SIGKILL) while it ran the job."
    make_job(buckets, f"{name}-next", COUNT, READ_LAKE, greeting="after")
    assert output(buckets, run_job(buckets, f"{name}-next")) == ["after 3"]


def test_a_workflow_can_repeat_a_job_that_was_lost(buckets: Cloud, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    lost_once = f"""
        import os, pathlib
        marker = pathlib.Path("{marker}")
        if not marker.exists():
            marker.touch()
            os._exit(3)
    """
    make_job(buckets, "lost-once", lost_once, [])
    failure = {"error": "{% $states.errorOutput.Error %}", "cause": "{% $states.errorOutput.Cause %}"}
    caught = {
        "ErrorEquals": ["States.TaskFailed"],
        "Assign": {"failures": "{% $failures + 1 %}", "failure": failure},
        "Next": "Repeat",
    }
    lost = """$failures = 1 and $failure.error = 'States.TaskFailed'
        and $contains($failure.cause, '"JobRunState":"FAILED"')
        and $not($contains($failure.cause, 'DataError'))"""
    states = {
        "Start": {"Type": "Pass", "Assign": {"failures": 0}, "Next": "Run"},
        "Run": task("glue:startJobRun.sync", {"JobName": "lost-once"}, Catch=[caught]),
        "Repeat": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% {' '.join(lost.split())} %}}", "Next": "Run"}],
            "Default": "Failed",
        },
        "Failed": {"Type": "Fail", "Error": "{% $failure.error %}", "Cause": "{% $failure.cause %}"},
    }
    statements = [allow(["glue:StartJobRun", "glue:GetJobRun"])]
    finished = run_workflow(buckets, "flow-repeat", states, statements)
    assert finished["status"] == "SUCCEEDED", finished
    runs = buckets.client("glue").get_job_runs(JobName="lost-once")["JobRuns"]
    assert [run["JobRunState"] for run in runs] == ["SUCCEEDED", "FAILED"]


def test_a_spark_process_that_is_killed_between_two_jobs_fails_neither(buckets: Cloud) -> None:
    make_job(buckets, "idle", COUNT, READ_LAKE, greeting="a")
    assert run_job(buckets, "idle")["JobRunState"] == "SUCCEEDED"
    java(buckets).kill()
    assert run_job(buckets, "idle")["JobRunState"] == "SUCCEEDED"


def test_a_killed_python_process_leaves_no_spark_process(buckets: Cloud) -> None:
    make_job(buckets, "orphan", WORKERS, [])
    run_job(buckets, "orphan")
    old = java(buckets)
    spark_processes(buckets, "daybreak_local.spark.worker")[0].kill()
    run = run_job(buckets, "orphan")
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    wait_for(lambda: not old.is_running())


def test_no_python_worker_and_no_key_of_a_job_outlives_it(buckets: Cloud) -> None:
    make_job(buckets, "workers-a", WORKERS, [])
    make_job(buckets, "workers-b", WORKERS, [])
    keys = []
    for name in ("workers-a", "workers-b", "workers-a"):
        keys += output(buckets, run_job(buckets, name))
        wait_for(lambda: not spark_processes(buckets, "pyspark.daemon"))
    assert len(set(keys)) == 3


LOST_WORKERS = """
    import os, sys
    from awsglue.utils import getResolvedOptions
    from pyspark import TaskContext
    from pyspark.sql import SparkSession
    lost = int(getResolvedOptions(sys.argv, ["lost"])["lost"])

    def keep_or_die(row):
        if TaskContext.get().attemptNumber() < lost:
            os._exit(1)
        return row

    print(SparkSession.builder.getOrCreate().sparkContext.parallelize([1], 1).map(keep_or_die).collect())
"""


def test_a_task_that_loses_its_worker_is_attempted_four_times_as_on_glue(buckets: Cloud) -> None:
    make_job(buckets, "lost-workers", LOST_WORKERS, [])
    kept = run_job(buckets, "lost-workers", lost="3")
    assert (kept["JobRunState"], output(buckets, kept)) == ("SUCCEEDED", ["[1]"])
    lost = run_job(buckets, "lost-workers", lost="4")
    assert lost["JobRunState"] == "FAILED"
    assert "failed 4 times" in lost["ErrorMessage"]


def test_a_job_is_stopped_when_its_task_times_out(buckets: Cloud) -> None:
    make_job(buckets, "endless", "import time; time.sleep(600)", [])
    start = task("glue:startJobRun.sync", {"JobName": "endless"}, TimeoutSeconds=2)
    statements = [allow(["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"])]
    finished = run_workflow(buckets, "flow-endless", {"Wait": start}, statements)
    assert finished["error"] == "States.Timeout"
    glue = buckets.client("glue")
    wait_for(lambda: glue.get_job_runs(JobName="endless")["JobRuns"][0]["JobRunState"] == "STOPPED", 30)


def test_a_job_writes_parquet_into_an_encrypted_bucket(buckets: Cloud) -> None:
    key = buckets.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3 = buckets.client("s3")
    s3.create_bucket(Bucket="glue-encrypted")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="glue-encrypted", ServerSideEncryptionConfiguration={"Rules": [rule]})
    write = """
        from pyspark.sql import SparkSession
        rows = SparkSession.builder.getOrCreate().range(5).coalesce(1)
        rows.write.mode("overwrite").parquet("s3://glue-encrypted/train/")
    """
    objects = "arn:aws:s3:::glue-encrypted/*"
    role = [allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], objects), allow("s3:ListBucket")]
    make_job(buckets, "write-encrypted", write, role)
    run = run_job(buckets, "write-encrypted")
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="glue-encrypted")["Contents"]]
    written = next(key for key in keys if key.endswith(".parquet"))
    assert s3.head_object(Bucket="glue-encrypted", Key=written)["SSEKMSKeyId"] == key


def test_hadoop_writes_a_new_folder_only_with_the_right_to_list_the_whole_bucket(buckets: Cloud) -> None:
    write = f"""
        from pyspark.sql import SparkSession
        rows = SparkSession.builder.getOrCreate().range(5).coalesce(1)
        rows.write.mode("overwrite").parquet("s3://{LAKE}/datasets/shop/run-1/train")
    """
    objects = f"arn:aws:s3:::{LAKE}/datasets/shop/*"
    change = allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], objects)
    prefixes = {"StringLike": {"s3:prefix": ["datasets/shop", "datasets/shop/*"]}}
    make_job(buckets, "new-folder", write, [change, {**LIST_LAKE, "Condition": prefixes}])
    refused = run_job(buckets, "new-folder")
    assert refused["JobRunState"] == "FAILED"
    assert "AccessDenied" in refused["ErrorMessage"] or "Forbidden" in refused["ErrorMessage"]

    buckets.allow("new-folder-job", [READ_CODE, WRITE_LOGS, change, LIST_LAKE])
    run = run_job(buckets, "new-folder")
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")

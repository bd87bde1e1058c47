"""The local SageMaker in a running cloud: IAM of caller and job roles, S3, Glue, EventBridge."""

import io
import json
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud_support import Cloud, allow, run_workflow, task, wait_for

pytestmark = pytest.mark.integration

BUCKET = "sagemaker-lake"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
LOGS = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])
TRAIN = """
import boto3, os, pathlib
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text("{}")
boto3.client("iam").list_roles() if os.environ.get("PRY") else None
"""
SERVE = """
import json
def model_fn(folder):
    return None
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(data, model):
    return {"echo": data}
def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
"""


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{name}.py")
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Cloud:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="code/sourcedir.tar.gz", Body=archive(serve=SERVE))
    s3.put_object(Bucket=BUCKET, Key="code/source/train.py", Body=TRAIN.encode())
    return cloud


@pytest.fixture(scope="module")
def job_role(lake: Cloud) -> str:
    objects = allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*")
    listing = allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    return lake.role("sagemaker-job", "sagemaker.amazonaws.com", [objects, listing, LOGS])


def training_request(name: str, role: str, **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/train.py"],
        },
        "InputDataConfig": [
            {
                "ChannelName": "code",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/code/source/"}
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **changes,
    }


def trained(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_training_job(**request)

    def over() -> dict[str, Any] | None:
        job = sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])
        return None if job["TrainingJobStatus"] == "InProgress" else job

    return wait_for(over, 60)


def test_a_caller_needs_the_action_and_pass_role(lake: Cloud, job_role: str) -> None:
    caller_role = lake.role("sagemaker-caller", "lambda.amazonaws.com", [])
    request = training_request("denied", job_role)

    def attempt(statements: list[dict[str, Any]]) -> str:
        lake.allow("sagemaker-caller", statements)
        caller = lake.client("sagemaker", lake.assume(caller_role))
        with pytest.raises(ClientError, match="AccessDenied") as caught:
            caller.create_training_job(**request)
        return str(caught.value)

    create = allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/denied")
    other = allow("iam:PassRole", "arn:aws:iam::000000000000:role/another")
    assert "sagemaker:CreateTrainingJob on resource" in attempt([])
    assert "iam:PassRole on resource" in attempt([create])
    assert "iam:PassRole on resource" in attempt([create, other])


def test_a_job_has_exactly_the_permissions_of_its_role(lake: Cloud, job_role: str) -> None:
    assert trained(lake, training_request("allowed", job_role))["TrainingJobStatus"] == "Completed"
    prying = trained(lake, training_request("prying", job_role, Environment={"PRY": "1"}))
    assert prying["TrainingJobStatus"] == "Failed"
    assert "not authorized to perform: iam:ListRoles" in prying["FailureReason"]
    blind = lake.role("sagemaker-blind", "sagemaker.amazonaws.com", [])
    reason = trained(lake, training_request("blind", blind))["FailureReason"]
    assert reason.startswith("ClientError: ")
    untrusted = lake.role("not-for-sagemaker", "glue.amazonaws.com", [])
    with pytest.raises(ClientError, match="Could not assume role"):
        lake.client("sagemaker").create_training_job(**training_request("untrusted", untrusted))


def test_a_workflow_waits_for_its_training_job(lake: Cloud, job_role: str) -> None:
    statements = [
        allow(["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"]),
        allow("sagemaker:AddTags"),
        allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"]),
        allow("iam:PassRole", job_role),
    ]
    step = task("sagemaker:createTrainingJob.sync", training_request("in-workflow", job_role))
    execution = run_workflow(lake, "trains", {"Train": step}, statements)
    assert execution["status"] == "SUCCEEDED", execution
    artifact = json.loads(execution["output"])["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == f"s3://{BUCKET}/models/in-workflow/output/model.tar.gz"


def test_the_offline_table_needs_access_only_to_its_own_prefix(lake: Cloud) -> None:
    lake.client("glue").create_database(DatabaseInput={"Name": "sagemaker_shop"})
    listing = allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    listing["Condition"] = {"StringLike": {"s3:prefix": "features/*"}}
    statements = [
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/features/*"),
        listing,
        allow(["glue:GetDatabase", "glue:CreateTable", "glue:GetTable"]),
    ]
    role = lake.role("sagemaker-features", "sagemaker.amazonaws.com", statements)
    sagemaker = lake.client("sagemaker")
    sagemaker.create_feature_group(
        FeatureGroupName="shop",
        RecordIdentifierFeatureName="customer_id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "customer_id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
        OfflineStoreConfig={
            "S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/features/"},
            "DataCatalogConfig": {
                "Catalog": "AwsDataCatalog", "Database": "sagemaker_shop", "TableName": "features",
            },
            "TableFormat": "Iceberg",
        },
        RoleArn=role,
    )  # fmt: skip

    def over() -> dict[str, Any] | None:
        group = sagemaker.describe_feature_group(FeatureGroupName="shop")
        return None if group["FeatureGroupStatus"] == "Creating" else group

    group = wait_for(over, 60)
    assert group["FeatureGroupStatus"] == "Created", group.get("FailureReason")
    table = lake.client("glue").get_table(DatabaseName="sagemaker_shop", Name="features")["Table"]
    assert table["Parameters"]["table_type"] == "ICEBERG"


def test_an_approval_triggers_a_rule_and_the_endpoint_captures_with_its_role(
    lake: Cloud, job_role: str
) -> None:
    sagemaker, sqs, events = lake.client("sagemaker"), lake.client("sqs"), lake.client("events")
    queue = sqs.create_queue(QueueName="approvals")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
            }
        ]
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelApprovalStatus": ["Approved"], "UpdatedModelPackageFields": ["ModelApprovalStatus"]},
    }
    events.put_rule(Name="approved", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="approved", Targets=[{"Id": "queue", "Arn": queue_arn}])

    artifact = trained(lake, training_request("served", job_role))["ModelArtifacts"]["S3ModelArtifacts"]
    environment = {
        "SAGEMAKER_PROGRAM": "serve.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{BUCKET}/code/sourcedir.tar.gz",
    }
    container = {"Image": IMAGE, "ModelDataUrl": artifact, "Environment": environment}
    sagemaker.create_model_package_group(ModelPackageGroupName="shop")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="shop",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    (message,) = wait_for(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message["Body"])["detail"]["ModelPackageArn"] == package

    sagemaker.create_model(
        ModelName="shop", ExecutionRoleArn=job_role, PrimaryContainer={"ModelPackageName": package}
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "shop",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="shop",
        ProductionVariants=[variant],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
    )
    sagemaker.create_endpoint(EndpointName="shop", EndpointConfigName="shop")
    wait_for(lambda: sagemaker.describe_endpoint(EndpointName="shop")["EndpointStatus"] == "InService", 60)
    answer = lake.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="shop", Body=b'{"a": 1}', ContentType="application/json"
    )
    assert json.loads(answer["Body"].read()) == {"echo": {"a": 1}}
    s3 = lake.client("s3")
    (written,) = wait_for(lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix="capture/").get("Contents"))
    line = json.loads(s3.get_object(Bucket=BUCKET, Key=written["Key"])["Body"].read())
    assert line["captureData"]["endpointInput"]["data"] == '{"a": 1}'


def test_who_scales_an_endpoint_may_do_what_is_done_in_their_name(lake: Cloud) -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/none/variant/live",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scalers = {
        "Action": "application-autoscaling:RegisterScalableTarget",
        "Resource": "arn:aws:application-autoscaling:*:*:scalable-target/*",
        "Condition": {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
    }
    service = "sagemaker.application-autoscaling.amazonaws.com"
    linked = {
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": f"arn:aws:iam::*:role/aws-service-role/{service}/*",
        "Condition": {"StringEquals": {"iam:AWSServiceName": service}},
    }
    endpoint = allow(
        ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
        "arn:aws:sagemaker:*:*:endpoint/none",
    )
    grants = [{"Effect": "Allow", **scalers}, {"Effect": "Allow", **linked}, endpoint]

    def code(number: int, kept: list[dict[str, Any]]) -> str:
        role = lake.role(f"scaler-{number}", "states.amazonaws.com", kept)
        client = lake.client("application-autoscaling", lake.assume(role))
        with pytest.raises(ClientError) as refused:
            client.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
        return str(refused.value.response["Error"]["Code"])

    # Allowed, it hears that there is no such endpoint.
    assert code(0, grants) == "ValidationException"
    for number in range(len(grants)):
        assert code(number + 1, grants[:number] + grants[number + 1 :]) == "AccessDeniedException"

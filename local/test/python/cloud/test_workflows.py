"""Step Functions in a running cloud: integrations use the state machine's role and AWS's error names."""

import json

import pytest
from cloud_support import Cloud, allow, run_workflow, task

pytestmark = pytest.mark.integration


def test_an_sdk_integration_uses_the_member_names_of_step_functions(cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket="flow-bucket")
    put = task("aws-sdk:s3:putObject", {"Bucket": "flow-bucket", "Key": "a.json", "Body": {"answer": 42}})
    put = {**put, "Next": "Get"}
    del put["End"]
    get = task(
        "aws-sdk:s3:getObject",
        {"Bucket": "flow-bucket", "Key": "a.json"},
        Output="{% $parse($states.result.Body) %}",
    )
    finished = run_workflow(
        cloud,
        "flow-s3",
        {"Put": put, "Get": get},
        [allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::flow-bucket/*")],
    )
    assert finished["status"] == "SUCCEEDED", finished
    assert json.loads(finished["output"]) == {"answer": 42}


def test_an_action_that_the_role_does_not_allow_fails(cloud: Cloud) -> None:
    topic = cloud.client("sns").create_topic(Name="flow-topic")["TopicArn"]
    publish = task("sns:publish", {"TopicArn": topic, "Message": {"kind": "test"}})
    refused = run_workflow(cloud, "flow-refused", {"Publish": publish}, [])
    assert refused["status"] == "FAILED"
    assert refused["error"] in ("SNS.AuthorizationErrorException", "SNS.AmazonSNSException")
    assert "sns:Publish" in refused["cause"]

    allowed = run_workflow(cloud, "flow-allowed", {"Publish": publish}, [allow("sns:Publish", topic)])
    assert allowed["status"] == "SUCCEEDED", allowed


def test_a_function_is_invoked_only_with_permission_for_exactly_that_function(cloud: Cloud) -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:flow-function"
    states = {"Invoke": task("lambda:invoke", {"FunctionName": function, "Payload": {}})}
    refused = run_workflow(cloud, "flow-other", states, [allow("lambda:InvokeFunction", f"{function}-2")])
    assert refused["status"] == "FAILED"
    assert "lambda:InvokeFunction" in refused["cause"]
    # Permitted, it gets as far as finding that there is none.
    missing = run_workflow(cloud, "flow-invoke", states, [allow("lambda:InvokeFunction", function)])
    assert missing["error"] == "Lambda.ResourceNotFoundException"


def test_a_declared_api_error_keeps_its_name(cloud: Cloud) -> None:
    read = task(
        "aws-sdk:secretsmanager:getSecretValue",
        {"SecretId": "nowhere"},
        Catch=[{"ErrorEquals": ["SecretsManager.ResourceNotFoundException"], "Next": "Missing"}],
    )
    missing = {"Type": "Pass", "Output": "missing", "End": True}
    finished = run_workflow(
        cloud, "flow-error", {"Read": read, "Missing": missing}, [allow("secretsmanager:GetSecretValue")]
    )
    assert json.loads(finished["output"] or "null") == "missing", finished


def test_an_execution_finds_itself_among_the_running_ones(cloud: Cloud) -> None:
    listed = """{% $states.result.Executions[ExecutionArn = $states.context.Execution.Id].{
        'isAtItsStart': StartDate = $states.context.Execution.StartTime, 'name': Name} %}"""
    look = task(
        "aws-sdk:sfn:listExecutions",
        {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
        Output=listed,
    )
    finished = run_workflow(cloud, "flow-turn", {"Look": look}, [allow("states:ListExecutions")])
    assert finished["status"] == "SUCCEEDED", finished
    assert json.loads(finished["output"]) == {"isAtItsStart": True, "name": finished["name"]}


def test_a_succeed_state_returns_its_output(cloud: Cloud) -> None:
    end = {"Type": "Succeed", "Output": {"outcome": "{% $states.input.name %}"}}
    finished = run_workflow(cloud, "flow-output", {"End": end}, [], {"name": "registered"})
    assert json.loads(finished["output"]) == {"outcome": "registered"}


def test_an_unknown_field_is_reported_with_the_allowed_ones(cloud: Cloud) -> None:
    finished = run_workflow(
        cloud, "flow-field", {"Get": task("aws-sdk:s3:getObject", {"Bucket": "b", "Kee": "k"})}, []
    )
    assert finished["error"] == "States.Runtime"
    assert "'Kee'" in finished["cause"]
    assert "Key" in finished["cause"]


def test_a_sync_state_machine_needs_permission_for_the_managed_rules(cloud: Cloud) -> None:
    role = cloud.role("flow-rules-machine", "states.amazonaws.com", [])
    training = task("sagemaker:createTrainingJob.sync", {})
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Train", "States": {"Train": training}})
    sfn = cloud.client("stepfunctions")
    with pytest.raises(sfn.exceptions.ClientError, match="not authorized to create managed-rule"):
        sfn.create_state_machine(name="flow-rules", definition=definition, roleArn=role)


def test_a_role_that_does_not_trust_step_functions_is_rejected(cloud: Cloud) -> None:
    role = cloud.role("flow-trust", "lambda.amazonaws.com", [])
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    sfn = cloud.client("stepfunctions")
    with pytest.raises(sfn.exceptions.ClientError, match="authorized to assume"):
        sfn.create_state_machine(name="flow-trust", definition=definition, roleArn=role)


def test_starting_twice_with_the_same_name_and_input_is_one_execution(cloud: Cloud) -> None:
    role = cloud.role("flow-once-machine", "states.amazonaws.com", [])
    definition = json.dumps(
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 2, "End": True}}}
    )
    sfn = cloud.client("stepfunctions")
    machine = sfn.create_state_machine(name="flow-once", definition=definition, roleArn=role)[
        "stateMachineArn"
    ]
    first = sfn.start_execution(stateMachineArn=machine, name="one", input='{"a": 1}')
    again = sfn.start_execution(stateMachineArn=machine, name="one", input='{"a":1}')
    assert first["executionArn"] == again["executionArn"]
    with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
        sfn.start_execution(stateMachineArn=machine, name="one", input='{"a": 2}')

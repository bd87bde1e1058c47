"""Lambda, EventBridge, SNS and alarms in a running cloud: authorization, retries and dead letters."""

import http.server
import io
import json
import threading
import time
import urllib.error
import urllib.request
import zipfile
from typing import Any, ClassVar

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cloud_support import Cloud, allow, wait_for

pytestmark = pytest.mark.integration

ACCOUNT = "000000000000"
RUNTIME = "nodejs22.x"
# Returns its event and environment, or fails on request.
ECHO = """
exports.handler = async (event) => {
  if (event.fail || (event.detail && event.detail.fail)) throw new TypeError("asked to fail");
  const { AWS_ACCESS_KEY_ID: key, AWS_ENDPOINT_URL: endpoint, GREETING: name } = process.env;
  return { event, key, endpoint, name };
};
"""


def make_function(
    cloud: Cloud, name: str, code: str = ECHO, statements: list[dict] | None = None, **more: Any
) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.js", code)
    role = cloud.role(f"{name}-function", "lambda.amazonaws.com", statements or [])
    created = cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime=RUNTIME,
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"GREETING": "hello"}},
        **more,
    )
    return created["FunctionArn"]


def permit(cloud: Cloud, name: str, service: str, source_arn: str) -> None:
    cloud.client("lambda").add_permission(
        FunctionName=name,
        StatementId=service.split(".")[0],
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source_arn,
    )


def make_queue(cloud: Cloud, name: str, *services: str) -> tuple[str, str]:
    sqs = cloud.client("sqs")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy} if services else {})["QueueUrl"]
    return url, arn


def receive(cloud: Cloud, url: str) -> dict[str, Any] | None:
    answer = cloud.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    return answer.get("Messages", [None])[0]


def invocations(cloud: Cloud, name: str) -> list[str]:
    try:
        events = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except ClientError:
        return []
    return [event["message"] for event in events]


LOGGING = "exports.handler = async (event) => { console.log('GOT ' + JSON.stringify(event)); };"


def got(cloud: Cloud, name: str) -> list[str]:
    return [line for line in invocations(cloud, name) if "GOT " in line]


def test_a_function_runs_as_its_role_against_the_cloud(cloud: Cloud) -> None:
    make_function(cloud, "echo")
    answer = cloud.client("lambda").invoke(FunctionName="echo", Payload=b'{"a": 1}')
    result = json.load(answer["Payload"])
    assert result["event"] == {"a": 1}
    assert result["endpoint"] == cloud.endpoint
    assert result["name"] == "hello"
    assert result["key"].startswith("ASIA")


def test_an_asynchronous_failure_is_retried_and_ends_in_the_dead_letter_queue(cloud: Cloud) -> None:
    url, queue = make_queue(cloud, "failed-events")
    send = allow("sqs:SendMessage", queue)
    make_function(cloud, "failing", statements=[send], DeadLetterConfig={"TargetArn": queue})
    cloud.client("lambda").invoke(FunctionName="failing", InvocationType="Event", Payload=b'{"fail": true}')
    message = wait_for(lambda: receive(cloud, url))
    assert json.loads(message["Body"])["requestPayload"] == {"fail": True}


def test_a_dead_letter_is_sent_as_the_function_s_role(cloud: Cloud) -> None:
    url, queue = make_queue(cloud, "unsent-events")
    make_function(cloud, "unsent", DeadLetterConfig={"TargetArn": queue})
    cloud.client("lambda").invoke(FunctionName="unsent", InvocationType="Event", Payload=b'{"fail": true}')
    log = cloud.home / "cloud.log"
    wait_for(lambda: "the failed event of unsent was not sent" in log.read_text())
    assert receive(cloud, url) is None


def test_a_rule_that_matches_an_array_element_invokes_its_function(cloud: Cloud) -> None:
    events = cloud.client("events")
    pattern = {
        "source": ["shop"],
        "detail": {"UpdatedModelPackageFields": ["ModelApprovalStatus"], "status": ["Approved"]},
    }
    rule = events.put_rule(Name="approved", EventPattern=json.dumps(pattern))["RuleArn"]
    function = make_function(cloud, "on-approval", LOGGING)
    permit(cloud, "on-approval", "events.amazonaws.com", rule)
    events.put_targets(Rule="approved", Targets=[{"Id": "1", "Arn": function}])
    for fields in (["CustomerMetadata"], ["Other", "ModelApprovalStatus"]):
        detail = json.dumps({"UpdatedModelPackageFields": fields, "status": "Approved"})
        events.put_events(Entries=[{"Source": "shop", "DetailType": "change", "Detail": detail}])
    lines = wait_for(lambda: got(cloud, "on-approval"))
    assert len(lines) == 1
    assert '"Other"' in lines[0]


def test_a_target_without_permission_goes_to_the_rules_dead_letter_queue(cloud: Cloud) -> None:
    events = cloud.client("events")
    url, queue = make_queue(cloud, "rule-failures", "events.amazonaws.com")
    rule = events.put_rule(Name="unpermitted", EventPattern='{"source": ["unpermitted"]}')["RuleArn"]
    function = make_function(cloud, "unpermitted", LOGGING)
    events.put_targets(
        Rule="unpermitted", Targets=[{"Id": "1", "Arn": function, "DeadLetterConfig": {"Arn": queue}}]
    )
    events.put_events(Entries=[{"Source": "unpermitted", "DetailType": "x", "Detail": "{}"}])
    message = wait_for(lambda: receive(cloud, url))
    attributes = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["RULE_ARN"] == rule
    assert got(cloud, "unpermitted") == []


def test_a_state_machine_is_started_by_a_rule_only_with_the_targets_role(cloud: Cloud) -> None:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    sfn, events = cloud.client("stepfunctions"), cloud.client("events")
    machine_role = cloud.role("ruled-machine", "states.amazonaws.com", [])
    machine = sfn.create_state_machine(name="ruled", definition=definition, roleArn=machine_role)[
        "stateMachineArn"
    ]
    role = cloud.role("ruled-events", "events.amazonaws.com", [])
    events.put_rule(Name="ruled", EventPattern='{"source": ["ruled"]}')
    events.put_targets(Rule="ruled", Targets=[{"Id": "1", "Arn": machine, "RoleArn": role}])
    entry = {"Source": "ruled", "DetailType": "x", "Detail": '{"n": 1}'}
    events.put_events(Entries=[entry])
    assert sfn.list_executions(stateMachineArn=machine)["executions"] == []
    cloud.allow("ruled-events", [allow("states:StartExecution", machine)])
    events.put_events(Entries=[entry])
    assert len(sfn.list_executions(stateMachineArn=machine)["executions"]) == 1


class Receiver(http.server.BaseHTTPRequestHandler):
    """An HTTP service that takes the key `right` only, and keeps what it got."""

    got: ClassVar[list[tuple[str, str | None, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, self.headers["Accept"], json.loads(body)))
        self.send_response(204 if self.headers["Authorization"] == "right" else 401)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def test_an_api_destination_is_called_as_the_targets_role_with_the_connections_key(cloud: Cloud) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    events = cloud.client("events")
    url, queue = make_queue(cloud, "undispatched", "events.amazonaws.com")
    key = {"ApiKeyName": "Authorization", "ApiKeyValue": "wrong"}
    sent = {"HeaderParameters": [{"Key": "X-Secret", "Value": "hidden", "IsValueSecret": True}]}
    connection = events.create_connection(
        Name="hook",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": key, "InvocationHttpParameters": sent},
    )["ConnectionArn"]
    assert events.describe_connection(Name="hook")["AuthParameters"] == {
        "ApiKeyAuthParameters": {"ApiKeyName": "Authorization"},
        "InvocationHttpParameters": {"HeaderParameters": [{"Key": "X-Secret", "IsValueSecret": True}]},
    }
    destination = events.create_api_destination(
        Name="hook",
        ConnectionArn=connection,
        HttpMethod="POST",
        InvocationEndpoint=f"http://127.0.0.1:{server.server_port}/hook",
    )["ApiDestinationArn"]
    events.put_rule(Name="hooked", EventPattern='{"source": ["hooked"]}')
    target = {
        "Id": "1",
        "Arn": destination,
        "RoleArn": cloud.role("hooked-events", "events.amazonaws.com", []),
        "HttpParameters": {"HeaderParameters": {"Accept": "text/plain"}},
        "InputTransformer": {
            "InputPathsMap": {"n": "$.detail.n", "name": "$.detail.name"},
            "InputTemplate": '{"payload":{"n":<n>,"name":<name>}}',
        },
        "DeadLetterConfig": {"Arn": queue},
    }
    events.put_targets(Rule="hooked", Targets=[target])

    def put() -> None:
        detail = json.dumps({"n": 3, "name": "shop"})
        events.put_events(Entries=[{"Source": "hooked", "DetailType": "x", "Detail": detail}])

    def dead() -> dict[str, str]:
        message = wait_for(lambda: receive(cloud, url))
        return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}

    put()
    assert "events:InvokeApiDestination" in dead()["ERROR_MESSAGE"]
    assert Receiver.got == []

    cloud.allow("hooked-events", [allow("events:InvokeApiDestination", destination)])
    put()
    attributes = dead()
    assert attributes["ERROR_CODE"] == "ERROR_FROM_TARGET"
    assert attributes["ERROR_MESSAGE"].endswith("/hook answered 401")
    assert len(Receiver.got) == 3

    events.update_connection(
        Name="hook",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {**key, "ApiKeyValue": "right"}},
    )
    put()
    wait_for(lambda: len(Receiver.got) == 4)
    assert Receiver.got[3] == ("/hook", "text/plain", {"payload": {"n": 3, "name": "shop"}})
    time.sleep(1)
    assert receive(cloud, url) is None
    server.shutdown()


def test_an_alarm_fires_at_once_for_its_dimensions_and_notifies_sns_and_eventbridge(cloud: Cloud) -> None:
    cloudwatch, events, sns = cloud.client("cloudwatch"), cloud.client("events"), cloud.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    by_topic = make_function(cloud, "alarm-topic", LOGGING)
    permit(cloud, "alarm-topic", "sns.amazonaws.com", topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=by_topic)
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": ["drifted"], "state": {"value": ["ALARM"]}},
    }
    rule = events.put_rule(Name="drifted", EventPattern=json.dumps(pattern))["RuleArn"]
    by_rule = make_function(cloud, "alarm-rule", LOGGING)
    permit(cloud, "alarm-rule", "events.amazonaws.com", rule)
    events.put_targets(Rule="drifted", Targets=[{"Id": "1", "Arn": by_rule}])
    dimensions = [{"Name": "Pipeline", "Value": "cdnow"}]
    cloudwatch.put_metric_alarm(
        AlarmName="drifted",
        Namespace="Daybreak",
        MetricName="DriftedFeatures",
        Dimensions=dimensions,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )

    def put(pipeline: str, value: float) -> None:
        metric = {
            "MetricName": "DriftedFeatures",
            "Value": value,
            "Dimensions": [{"Name": "Pipeline", "Value": pipeline}],
        }
        cloudwatch.put_metric_data(Namespace="Daybreak", MetricData=[metric])

    def state() -> str:
        return cloudwatch.describe_alarms(AlarmNames=["drifted"])["MetricAlarms"][0]["StateValue"]

    wait_for(lambda: state() == "OK", 3)  # missing data is notBreaching
    put("another", 5)
    assert state() == "OK"
    put("cdnow", 2)
    assert state() == "ALARM"
    assert "ALARM" in wait_for(lambda: got(cloud, "alarm-topic"))[-1]
    event = json.loads(wait_for(lambda: got(cloud, "alarm-rule"))[-1].partition("GOT ")[2])
    assert event["detail"]["previousState"]["value"] == "OK"
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric == {"namespace": "Daybreak", "name": "DriftedFeatures", "dimensions": {"Pipeline": "cdnow"}}


def test_an_alarm_on_alarms_fires_with_one_of_them_and_notifies_sns_and_eventbridge(cloud: Cloud) -> None:
    cloudwatch, events, sns = cloud.client("cloudwatch"), cloud.client("events"), cloud.client("sns")
    topic = sns.create_topic(Name="joint")["TopicArn"]
    by_topic = make_function(cloud, "joint-topic", LOGGING)
    permit(cloud, "joint-topic", "sns.amazonaws.com", topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=by_topic)
    detail = {"alarmName": ["joint"], "state": {"value": ["ALARM"]}}
    pattern = {"source": ["aws.cloudwatch"], "detail": detail}
    rule = events.put_rule(Name="joint", EventPattern=json.dumps(pattern))["RuleArn"]
    by_rule = make_function(cloud, "joint-rule", LOGGING)
    permit(cloud, "joint-rule", "events.amazonaws.com", rule)
    events.put_targets(Rule="joint", Targets=[{"Id": "1", "Arn": by_rule}])
    for part in ("PartOne", "PartTwo"):
        cloudwatch.put_metric_alarm(
            AlarmName=part,
            Namespace="Daybreak",
            MetricName=part,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )
    any_part = 'ALARM("PartOne") OR ALARM("PartTwo")'
    cloudwatch.put_composite_alarm(AlarmName="joint", AlarmRule=any_part, AlarmActions=[topic])
    cloudwatch.put_metric_data(Namespace="Daybreak", MetricData=[{"MetricName": "PartTwo", "Value": 1}])
    assert "ALARM" in wait_for(lambda: got(cloud, "joint-topic"))[-1]
    event = json.loads(wait_for(lambda: got(cloud, "joint-rule"))[-1].partition("GOT ")[2])
    assert event["detail"]["configuration"] == {"description": "", "alarmRule": any_part}


def test_an_alarm_publishes_only_to_a_topic_that_admits_cloudwatch(cloud: Cloud) -> None:
    cloudwatch, sns = cloud.client("cloudwatch"), cloud.client("sns")

    def topic(name: str, sender: str) -> str:
        arn = sns.create_topic(Name=name)["TopicArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": sender},
            "Action": "sns:Publish",
            "Resource": arn,
        }
        sns.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [statement]})
        )
        make_function(cloud, name, LOGGING)
        permit(cloud, name, "sns.amazonaws.com", arn)
        sns.subscribe(
            TopicArn=arn, Protocol="lambda", Endpoint=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
        )
        return arn

    closed, open_ = (
        topic("closed-topic", "events.amazonaws.com"),
        topic("open-topic", "cloudwatch.amazonaws.com"),
    )
    cloudwatch.put_metric_alarm(
        AlarmName="two-topics",
        Namespace="Daybreak",
        MetricName="TwoTopics",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[closed, open_],
    )
    cloudwatch.put_metric_data(Namespace="Daybreak", MetricData=[{"MetricName": "TwoTopics", "Value": 1}])
    wait_for(lambda: got(cloud, "open-topic"))
    assert got(cloud, "closed-topic") == []


def test_a_policy_may_limit_the_namespace_of_metrics(cloud: Cloud) -> None:
    condition = {"StringEquals": {"cloudwatch:namespace": "Daybreak"}}
    role = cloud.role(
        "metrics", "lambda.amazonaws.com", [{**allow("cloudwatch:PutMetricData"), "Condition": condition}]
    )
    as_role = cloud.client("cloudwatch", cloud.assume(role))
    as_role.put_metric_data(Namespace="Daybreak", MetricData=[{"MetricName": "m", "Value": 1}])
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "m", "Value": 1}])


def test_a_function_url_requires_a_signature_and_both_actions(cloud: Cloud) -> None:
    make_function(cloud, "by-url")
    url = cloud.client("lambda").create_function_url_config(FunctionName="by-url", AuthType="AWS_IAM")[
        "FunctionUrl"
    ]
    url_id = url.split("//")[1].split(".")[0]
    address = f"{cloud.endpoint}/_aws/lambda-url/{url_id}/"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(address, data=b"{}", method="POST"), timeout=10)

    def ask(caller: str, actions: list[str]) -> dict[str, Any]:
        keys = cloud.assume(cloud.role(caller, "lambda.amazonaws.com", [allow(actions)]))
        signed = AWSRequest("POST", address, data=b'{"a": 1}', headers={"content-type": "application/json"})
        credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        SigV4Auth(credentials, "lambda", "us-east-1").add_auth(signed)
        request = urllib.request.Request(
            address, data=b'{"a": 1}', method="POST", headers=dict(signed.headers)
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            answered: dict[str, Any] = json.load(answer)
            return answered

    actions = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    for caller, action in zip(("url-only", "function-only"), actions, strict=True):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask(caller, [action])
    assert ask("url-caller", actions)["event"]["body"] == '{"a": 1}'


def test_a_schedule_starts_its_machine_with_its_role(cloud: Cloud) -> None:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    sfn = cloud.client("stepfunctions")
    machine_role = cloud.role("dawn-machine", "states.amazonaws.com", [])
    machine = sfn.create_state_machine(name="dawn", definition=definition, roleArn=machine_role)[
        "stateMachineArn"
    ]
    role = cloud.role("dawn-scheduler", "scheduler.amazonaws.com", [allow("states:StartExecution", machine)])
    soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 1))
    cloud.client("scheduler").create_schedule(
        Name="dawn",
        ScheduleExpression=f"at({soon})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": machine, "RoleArn": role, "Input": '{"mode": "features"}'},
    )
    started = wait_for(lambda: sfn.list_executions(stateMachineArn=machine)["executions"], 15)
    assert json.loads(sfn.describe_execution(executionArn=started[0]["executionArn"])["input"]) == {
        "mode": "features"
    }


def test_a_schedule_invokes_a_function_with_its_role_and_sends_dead_letters_with_it(cloud: Cloud) -> None:
    """Scheduler knows no resource policies."""
    url, queue = make_queue(cloud, "schedule-failures")
    function = make_function(cloud, "scheduled", LOGGING)
    role = cloud.role("scheduled-scheduler", "scheduler.amazonaws.com", [allow("sqs:SendMessage", queue)])

    def schedule(name: str) -> None:
        soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 1))
        cloud.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression=f"at({soon})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function, "RoleArn": role, "DeadLetterConfig": {"Arn": queue}},
        )

    schedule("refused")
    message = wait_for(lambda: receive(cloud, url), 15)
    assert "lambda:InvokeFunction" in message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    cloud.allow("scheduled-scheduler", [allow("lambda:InvokeFunction", function)])
    schedule("permitted")
    wait_for(lambda: got(cloud, "scheduled"), 15)


def test_a_rule_sends_only_to_a_queue_that_admits_it(cloud: Cloud) -> None:
    events = cloud.client("events")
    closed_url, closed = make_queue(cloud, "closed-queue")
    open_url, open_ = make_queue(cloud, "open-queue", "events.amazonaws.com")
    events.put_rule(Name="to-queues", EventPattern='{"source": ["to-queues"]}')
    events.put_targets(Rule="to-queues", Targets=[{"Id": "1", "Arn": closed}, {"Id": "2", "Arn": open_}])
    events.put_events(Entries=[{"Source": "to-queues", "DetailType": "x", "Detail": "{}"}])
    wait_for(lambda: receive(cloud, open_url))
    assert receive(cloud, closed_url) is None

/**
 * The grants that no call of the loop uses, each with its reason. The loop's test fails on an unused grant that is not here, and on
 * an entry whose grant is used or does not exist.
 */
export interface Unused {
  /** Roles without the environment's and the pipeline's name; without them, every role that has the action. */
  roles?: readonly string[];
  actions: readonly string[];
  /** Only in statements with these Sids. */
  sids?: readonly string[];
  /** Only on resources whose ARN contains this. */
  on?: string;
  reason: string;
}

const sagemakerJobs = ["train-model", "train-evaluation", "score-customers", "endpoint"];
const glueJobs = ["transform", "quality", "features", "score", "train-dataset", "monitor-checks"];
const logs = (names: readonly string[]) => names.map((name) => `logs:${name}`);

export const unusedGrants: readonly Unused[] = [
  // What the local cloud has no part for.
  {
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    reason:
      "A service that encrypts for a caller asks on AWS whether the caller may use the key; the local services do not.",
  },
  {
    actions: ["kms:CreateGrant", "kms:DescribeKey"],
    reason: "SageMaker gives itself grants of the key for volumes and online stores, which local jobs do not have.",
  },
  { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], reason: "Nothing is traced locally." },
  { actions: ["xray:GetSamplingRules", "xray:GetSamplingTargets"], reason: "Nothing is traced locally." },
  {
    actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    reason: "Local jobs run as processes, without an image.",
  },
  { actions: ["ecr:GetAuthorizationToken"], reason: "Local jobs run as processes, without an image." },
  {
    roles: ["run", "serve", "monitor"],
    actions: logs([
      ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"],
      ...["PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"],
    ]),
    reason: "Step Functions sets up the delivery of its logs with the machine's role; locally it has no logs.",
  },
  {
    actions: logs(["CreateLogStream", "PutLogEvents"]),
    on: ":log-group:/aws/lambda/",
    reason: "The local cloud writes the logs of Lambdas itself.",
  },
  {
    roles: glueJobs,
    actions: logs(["CreateLogStream", "PutLogEvents"]),
    on: "/error:*",
    reason: "Glue writes the driver's and the executors' errors there; a local job has one log.",
  },
  {
    roles: sagemakerJobs,
    actions: logs(["DescribeLogStreams"]),
    reason: "SageMaker looks for its stream before it makes one; AWS's examples of execution roles have it.",
  },
  {
    roles: ["train-model", "train-evaluation", "score-customers"],
    actions: logs(["CreateLogGroup", "CreateLogStream", "PutLogEvents"]),
    on: "Jobs$",
    reason: "AWS names a log group in policies with and without `:*`; the local cloud with it.",
  },
  {
    roles: ["endpoint"],
    actions: logs(["CreateLogStream", "PutLogEvents"]),
    on: "Endpoints/daybreak-dev-cdnow$",
    reason: "AWS names a log group in policies with and without `:*`; the local cloud with it.",
  },
  { roles: ["endpoint"], actions: logs(["CreateLogGroup"]), reason: "The program makes the endpoint's log group." },
  {
    roles: ["score-customers"],
    actions: logs(["CreateLogGroup"]),
    reason: "All processing jobs share a group, and the first one made it.",
  },
  { roles: ["ingest"], actions: logs(["PutLogEvents"]), reason: "Firehose logs failed deliveries only." },
  {
    roles: sagemakerJobs,
    actions: ["cloudwatch:PutMetricData"],
    reason: "SageMaker's own metrics of instances and containers.",
  },
  {
    roles: ["run", "monitor"],
    actions: ["glue:GetJobRuns", "glue:BatchStopJobRun"],
    reason: "Step Functions asks for them with startJobRun.sync; a run is only stopped when its execution is.",
  },
  {
    roles: ["run"],
    actions: ["sagemaker:StopTrainingJob", "sagemaker:StopProcessingJob", "sagemaker:ListTags"],
    reason: "Step Functions asks for them with its .sync tasks; a job is only stopped when its execution is.",
  },
  {
    roles: ["endpoint"],
    actions: ["cloudwatch:DescribeAlarms"],
    reason: "SageMaker reads the alarms of a deployment with rollback; the local one knows them.",
  },
  {
    roles: ["serve"],
    actions: ["sagemaker:DescribeEndpointConfig"],
    reason: "Application Auto Scaling looks at an endpoint's variants for the caller; the local one knows them.",
  },
  {
    roles: ["ingest"],
    actions: [
      "kinesis:DescribeStreamSummary",
      "kinesis:ListShards",
      "s3:GetBucketLocation",
      "s3:ListBucketMultipartUploads",
    ],
    reason: "In AWS's policy for a Firehose stream from Kinesis to S3.",
  },
  {
    roles: ["ingest"],
    actions: ["s3:GetObject", "s3:ListBucket"],
    reason: "In AWS's policy for a Firehose stream from Kinesis to S3.",
  },
  {
    roles: ["feature-store"],
    actions: [
      "glue:GetTable",
      "glue:GetTables",
      "glue:UpdateTable",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListBucket",
    ],
    reason:
      "The local Feature Store writes to the Iceberg table by its files; AWS's commits by Glue and expires files.",
  },
  {
    roles: ["feature-store"],
    actions: ["glue:GetDatabase"],
    on: ":table/",
    reason: "Glue judges a database by the tables that it is asked for, too.",
  },
  {
    roles: ["feature-store"],
    actions: ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:PutObjectAcl"],
    reason: "In AWS's managed policy AmazonSageMakerFeatureStoreAccess.",
  },
  {
    roles: ["registry-register"],
    actions: ["sagemaker:AddTags"],
    reason: "A dependent action of CreateModelPackage in AWS's authorization reference.",
  },
  {
    roles: ["registry-register"],
    actions: ["s3:GetObject", "s3:ListBucket"],
    sids: ["ReadModels", "ReadSource", "ListModels"],
    reason: "CreateModelPackage reads the model and its source with the caller's permissions.",
  },
  // SageMaker lists what it downloads.
  {
    roles: ["endpoint"],
    actions: ["s3:ListBucket"],
    reason: "SageMaker lists the model, its source and the captures; the local cloud reads and writes by their keys.",
  },
  {
    roles: ["score-customers"],
    actions: ["s3:ListBucket"],
    sids: ["ListScoreReports"],
    reason: "SageMaker looks at the place of its output before it uploads.",
  },
  // What happens when something fails, is missing or is old.
  { actions: ["s3:AbortMultipartUpload"], reason: "No upload of the loop breaks off." },
  { actions: ["sqs:SendMessage"], reason: "No asynchronous invocation of the loop fails for good." },
  {
    roles: ["monitor", "monitor-retrain"],
    actions: ["sns:Publish"],
    reason: "No check of the loop fails, and no finding starts a training.",
  },
  {
    roles: ["monitor-retrain"],
    actions: ["states:ListExecutions", "states:StartExecution", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
    reason: "CDNOW's customers are steady: no alarm starts a training. The loop of shop-churn has one.",
  },
  {
    roles: ["train-decide"],
    actions: ["s3:PutObject"],
    reason: "Written when a run has too little history; CDNOW has enough.",
  },
  {
    roles: ["dawn", "check"],
    actions: ["states:StartExecution"],
    reason: "The schedules are off: the demo starts each day by its own clock.",
  },
  {
    roles: ["serve"],
    actions: ["sagemaker:DeleteEndpoint"],
    reason: "A first deployment that failed is taken away; none fails.",
  },
  {
    roles: ["registry-retire"],
    actions: ["sagemaker:DeleteModel", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModelPackage"],
    reason: "No version of the loop is old enough to be retired.",
  },
  {
    roles: ["features-add"],
    actions: ["sagemaker:UpdateFeatureGroup"],
    reason: "No feature is added; the deployer's tests add one.",
  },
  {
    roles: ["features"],
    actions: ["glue:CreateTable"],
    reason: "Feature Store makes the table; the job makes those that it writes if they are missing.",
  },
  {
    roles: ["transform"],
    actions: ["s3:GetObject", "glue:GetTable"],
    on: "/quarantine",
    reason: "Read when quarantined lines are processed again.",
  },
  {
    roles: ["quality"],
    actions: ["glue:UpdateTable"],
    on: "/quarantine$",
    reason: "CDNOW's events are valid: nothing is quarantined.",
  },
  {
    roles: ["transform", "quality", "score", "monitor-checks"],
    actions: ["s3:DeleteObject"],
    reason: "Files of a table are deleted when its snapshots expire, after days.",
  },
  {
    roles: ["features"],
    actions: ["s3:DeleteObject"],
    sids: ["WriteFeatures"],
    reason: "Files of a table are deleted when its snapshots expire, after days.",
  },
  {
    roles: ["ingest"],
    actions: ["s3:PutObject"],
    sids: ["WriteRawErrors"],
    reason: "Firehose delivers every record.",
  },
  {
    roles: ["run-plan", "registry-register"],
    actions: ["s3:GetObject"],
    sids: ["ReadTrainingState"],
    reason: "Read after a refusal, and by a run at dawn that may have to train.",
  },
  {
    roles: glueJobs,
    actions: ["s3:ListBucket"],
    sids: ["ListRunReports"],
    reason: "Tells a missing report from a forbidden one; none is missing.",
  },
  {
    roles: ["train-decide", "registry-register", "monitor-plan"],
    actions: ["s3:ListBucket"],
    sids: ["ListRunReports"],
    reason: "Tells a missing report from a forbidden one; none is missing.",
  },
  {
    roles: ["run-plan", "registry-register"],
    actions: ["s3:ListBucket"],
    sids: ["ListTrainingState"],
    reason: "Tells a missing report from a forbidden one; none is missing.",
  },
  {
    roles: ["serve-predict", "features"],
    actions: ["s3:ListBucket"],
    sids: ["ListFeatureState"],
    reason: "Tells a missing report from a forbidden one; none is missing.",
  },
  {
    roles: ["monitor-drift"],
    actions: ["s3:ListBucket"],
    sids: ["ListScoreReports"],
    reason: "Tells a missing report from a forbidden one; none is missing.",
  },
];

/** Settings that the SDKs read at load time: import this module first. */

// Make the SDK throw when an Output is interpolated into a string; otherwise the mistake shows only on AWS.
process.env.PULUMI_ERROR_OUTPUT_STRING ??= "1";
// The SDK's Node version warning does not matter here: this process calls only the local cloud.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
// The Pulumi SDK captures a stack trace for each promise: 1.5 s of CPU time for 150 resources. This process reports only
// the message of the first error.
Error.stackTraceLimit = 0;

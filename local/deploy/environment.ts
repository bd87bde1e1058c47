/** Settings that the SDKs read when they are loaded: imported before anything else. */

// An Output in a text is a mistake that shows only on AWS unless the SDK is told to throw.
process.env.PULUMI_ERROR_OUTPUT_STRING ??= "1";
// This process talks to the local cloud only; the notice about Node's version is for the ones that talk to AWS.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
// The Pulumi SDK writes a stack trace for each of its many promises: 1.5 s of the processor for 150 resources. What this
// process reports is the message of the first error, so nobody would see them.
Error.stackTraceLimit = 0;

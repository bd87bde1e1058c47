/** The provider's process, which the Pulumi engine starts through plugin/pulumi-resource-aws. */
import "./environment";
import { version } from "@pulumi/aws/package.json";
import { provider } from "@pulumi/pulumi";
import { ADAPTERS } from "./adapters";
import { connect } from "./deploy";
import { DeploymentError } from "./errors";
import { AdapterProvider } from "./provider";

const endpoint = process.env.AWS_ENDPOINT_URL;

const toLocalCloud = async () => {
  if (endpoint !== undefined) return connect(endpoint, process.env.AWS_REGION);
  throw new DeploymentError("This provider deploys only to a local cloud, but AWS_ENDPOINT_URL is not set.", {
    advice: "Run it with `npx daybreak pulumi up`.",
  });
};

provider.main(new AdapterProvider(ADAPTERS, toLocalCloud, version), process.argv.slice(2));

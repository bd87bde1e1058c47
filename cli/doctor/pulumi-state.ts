/** Whether the Pulumi CLI knows where its state is, and with what the stack's secrets are encrypted. */
import { z } from "zod";
import type { Finding } from "./finding";

const check = "Pulumi's state";

/** What `pulumi whoami --json` said; undefined if there is no Pulumi CLI. */
export interface Answer {
  status: number | null;
  stdout: string;
}

const whoami = z.object({ user: z.string(), url: z.string() });

/**
 * @param encryption how the stack's secrets are encrypted, as its settings say; undefined if they do not
 * @param variables the environment variables
 */
export function checkPulumiState(
  answer: Answer | undefined,
  { environment, region }: { environment: string; region: string },
  encryption: string | undefined,
  variables: NodeJS.ProcessEnv,
): Finding {
  if (answer === undefined) {
    return { check, state: "not checked", found: "the Pulumi CLI was not found: https://www.pulumi.com/docs/install/" };
  }
  if (answer.status !== 0) {
    const remedy = "Pulumi Cloud: pulumi login. A bucket of your own: pulumi login 's3://<bucket>?region=<region>'.";
    return { check, state: "fails", found: "the Pulumi CLI is not logged in", remedy };
  }
  const { user, url } = whoami.parse(JSON.parse(answer.stdout));
  const found = `${user} at ${url}`;
  const isCloud = url.startsWith("https://");
  const hasPassphrase = "PULUMI_CONFIG_PASSPHRASE" in variables || "PULUMI_CONFIG_PASSPHRASE_FILE" in variables;
  if (isCloud || encryption !== undefined || hasPassphrase) return { check, state: "ok", found };
  return {
    check,
    state: "notice",
    found: `${found}, where a stack needs a passphrase or a KMS key for secrets; ${environment} names none yet`,
    remedy: "With the key that setup/delivery-account.yaml makes (docs/delivery.md), the stack is begun by:",
    commands: [
      `pulumi stack init ${environment} --secrets-provider 'awskms://alias/daybreak-${environment}-state?region=${region}'`,
    ],
  };
}

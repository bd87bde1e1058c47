/**
 * The engine's side of the Pulumi SDK: the SDK's own mock monitor, with registration done here. What is added: full URNs,
 * duplicates refused, secrets and files kept apart from plain values, and an end at the first failure.
 *
 * A registration that fails is never answered. The SDK would turn the answer into dozens of rejections that nobody handles;
 * so the failure is told to `onFailure`, and the program, which can go no further, is left where it stands.
 */
import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { Existing } from "./adapter";
import type { Registration } from "./engine";
import { DeploymentError } from "./errors";
import { decodeObject } from "./wire";

/** What the monitor needs to know of the SDK's RegisterResourceRequest. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getRemote(): boolean;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getImportid(): string;
  getIgnorechangesList(): string[];
  getPropertydependenciesMap(): { forEach(visit: (of: { getUrnsList(): string[] }, input: string) => void): void };
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

interface ReadRequest {
  getType(): string;
  getName(): string;
}

type Answer = (error: unknown, response?: unknown) => void;

export interface MonitorOptions {
  /** Creates, updates or only records a resource; in a preview it returns what is known of it. */
  register: (registration: Registration) => Promise<Partial<Existing>>;
  /** Answers a function of the provider, such as getCallerIdentity. */
  call: (token: string, inputs: Record<string, unknown>) => Promise<Record<string, unknown>>;
  onFailure: (error: unknown) => void;
}

/** Makes the SDK of this process register its resources with the given handlers, until it is installed again. */
export async function installMonitor(
  project: string,
  stack: string,
  dryRun: boolean,
  options: MonitorOptions,
): Promise<void> {
  const mocks: pulumi.runtime.Mocks = {
    call: ({ token, inputs }) => options.call(token, inputs as Record<string, unknown>),
    newResource: () => {
      throw new Error("Resources are registered by LocalMonitor, never by the SDK's mocks.");
    },
  };
  // setMocks also switches on what the SDK sends only to an engine that understands it: secrets, resource references.
  await pulumi.runtime.setMocks(mocks, project, stack, dryRun);
  const monitor: unknown = pulumi.runtime.getMonitor();
  new LocalMonitor(monitor as MockMonitor, options).takeOver();
}

class LocalMonitor {
  private failed = false;

  constructor(
    private readonly mock: MockMonitor,
    private readonly options: MonitorOptions,
  ) {}

  /** Puts its own methods in the place of the mock's; what is not replaced goes on as it was. */
  takeOver(): void {
    const invoke = this.mock.invoke.bind(this.mock);
    Object.assign(this.mock, {
      registerResource: (request: RegisterRequest, answer: Answer) => this.registerResource(request, answer),
      readResource: (request: ReadRequest) => this.orFail(() => refuseRead(request)),
      invoke: (request: unknown, answer: Answer) => this.orFail(() => relay(invoke, request, answer)),
    });
  }

  private async registerResource(request: RegisterRequest, answer: Answer): Promise<void> {
    await this.orFail(async () => {
      const urn = urnOf(request);
      const properties = request.getObject()?.toJavaScript() ?? {};
      const made = request.getCustom() ? await this.registerCustom(request, urn, properties) : {};
      const state = { ...made.outputs };
      this.mock.resources.set(urn, { urn, id: made.id ?? null, state });
      answer(null, {
        getUrn: () => urn,
        getId: () => made.id ?? "",
        getObject: () => ({ toJavaScript: () => state }),
        getPropertydependenciesMap: () => undefined,
        getResult: () => 0,
      });
    });
  }

  private async registerCustom(
    request: RegisterRequest,
    urn: string,
    properties: Record<string, unknown>,
  ): Promise<Partial<Existing>> {
    const type = request.getType();
    refuseUnsupported(request, urn);
    const made = await this.options.register({
      urn,
      type,
      inputs: decodeObject(properties),
      dependencies: dependenciesOf(request),
      protect: request.getProtect() ?? false,
      retain: request.getRetainondelete() ?? false,
    });
    // In a preview the SDK takes only what the engine returns: the inputs, and what is known of a resource that is there.
    return pulumi.runtime.isDryRun() ? { ...made, outputs: { ...properties, ...made.outputs } } : made;
  }

  private async orFail(work: () => Promise<void>): Promise<void> {
    if (this.failed) return;
    try {
      await work();
    } catch (error) {
      this.failed = true;
      this.options.onFailure(error);
    }
  }
}

function dependenciesOf(request: RegisterRequest): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  request.getPropertydependenciesMap().forEach((of, input) => {
    found.set(input, of.getUrnsList());
  });
  return found;
}

async function relay(
  invoke: (request: unknown, answer: Answer) => Promise<void>,
  request: unknown,
  answer: Answer,
): Promise<void> {
  let failure: unknown;
  await invoke(request, (error, response) => {
    failure = error;
    if (!error) answer(null, response);
  });
  if (failure) throw failure;
}

async function refuseRead(request: ReadRequest): Promise<never> {
  throw new DeploymentError(
    `${request.getName()} (${request.getType()}) is read from outside with get(): the local cloud holds nothing but this stack.`,
    {
      resourceType: request.getType(),
      advice: "Create the resource in the program, or pass its ARN as configuration.",
    },
  );
}

function refuseUnsupported(request: RegisterRequest, urn: string): void {
  const options = {
    ignoreChanges: request.getIgnorechangesList().length > 0,
    import: request.getImportid() !== "",
    "a remote component": request.getRemote(),
  };
  const used = Object.entries(options).find(([, isUsed]) => isUsed)?.[0];
  if (used === undefined) return;
  throw new DeploymentError(`${urn} uses ${used}, which the local deployer does not carry out.`, {
    urn,
    resourceType: request.getType(),
    advice: "Leave the option out, or deploy with the real engine.",
  });
}

/** The URN that the real engine gives: with the whole chain of parent types, not only the last as in the SDK's mocks. */
function urnOf(request: RegisterRequest): string {
  const parentTypes = request.getParent().split("::")[2];
  const types = parentTypes ? `${parentTypes}$${request.getType()}` : request.getType();
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types}::${request.getName()}`;
}

/**
 * The resource monitor for the Pulumi SDK: the SDK's mock monitor with its own registration, which adds full URNs, rejects
 * duplicates, preserves secrets and assets, and stops at the first failure.
 *
 * A failed registration gets no response: the SDK would turn it into dozens of unhandled rejections. The failure goes to
 * `onFailure` instead, and the program stays blocked.
 */
import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { Existing } from "./adapter";
import { DeploymentError } from "./errors";
import type { Registration } from "./plan";
import { decodeObject } from "./wire";

/** The part of the SDK's RegisterResourceRequest that the monitor reads. */
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
  /** Creates or updates a resource; in a preview, returns its known outputs. */
  register: (registration: Registration) => Promise<Partial<Existing>>;
  /** Evaluates a provider function, such as getCallerIdentity. */
  call: (token: string, inputs: Record<string, unknown>) => Promise<Record<string, unknown>>;
  onFailure: (error: unknown) => void;
}

/** Routes this process's resource registrations to the given handlers, until the next call. */
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
  // setMocks also enables the features that the SDK negotiates with the engine: secrets, resource references.
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

  /** Overrides some of the mock's methods; the others keep their behaviour. */
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
      ignoreChanges: request.getIgnorechangesList(),
    });
    // In a preview the SDK uses only what the engine returns: the inputs, and the known outputs of an existing resource.
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
    `${request.getName()} (${request.getType()}) is read with get(), but the local cloud contains only this stack.`,
    {
      resourceType: request.getType(),
      advice: "Create the resource in the program, or pass its ARN as configuration.",
    },
  );
}

function refuseUnsupported(request: RegisterRequest, urn: string): void {
  const options = {
    import: request.getImportid() !== "",
    "a remote component": request.getRemote(),
  };
  const used = Object.entries(options).find(([, isUsed]) => isUsed)?.[0];
  if (used === undefined) return;
  throw new DeploymentError(`${urn} uses ${used}, which the local deployer does not support.`, {
    urn,
    resourceType: request.getType(),
    advice: "Omit the option, or deploy with the real engine.",
  });
}

/** The URN as the real engine builds it: with all parent types; the SDK's mocks include only the last. */
function urnOf(request: RegisterRequest): string {
  const parentTypes = request.getParent().split("::")[2];
  const types = parentTypes ? `${parentTypes}$${request.getType()}` : request.getType();
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types}::${request.getName()}`;
}

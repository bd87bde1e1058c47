/** Whether new databases and tables obey IAM, as the program's roles need it, or Lake Formation's own grants only. */
import {
  type DataLakeSettings,
  GetDataLakeSettingsCommand,
  type LakeFormationClient,
  type PrincipalPermissions,
} from "@aws-sdk/client-lakeformation";
import { awsCommand } from "./commands";
import { examined, type Finding } from "./finding";

const check = "Lake Formation";

/** What both settings have in an account that leaves the data catalog to IAM. */
const leftToIam: PrincipalPermissions = {
  Principal: { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" },
  Permissions: ["ALL"],
};

const leavesToIam = (permissions: readonly PrincipalPermissions[] = []): boolean =>
  permissions.some(
    ({ Principal, Permissions }) =>
      Principal?.DataLakePrincipalIdentifier === leftToIam.Principal?.DataLakePrincipalIdentifier &&
      Permissions?.includes("ALL"),
  );

export function checkLakeFormation(client: LakeFormationClient, region: string): Promise<Finding[]> {
  return examined(check, ["lakeformation:GetDataLakeSettings"], async () => {
    const { DataLakeSettings: settings = {} } = await client.send(new GetDataLakeSettingsCommand({}));
    const governed = [
      ...(leavesToIam(settings.CreateDatabaseDefaultPermissions) ? [] : ["databases"]),
      ...(leavesToIam(settings.CreateTableDefaultPermissions) ? [] : ["tables"]),
    ];
    if (governed.length === 0) return [{ check, state: "ok", found: "new databases and tables obey IAM" }];
    return [
      {
        check,
        state: "fails",
        found: `new ${governed.join(" and ")} of this account obey Lake Formation's grants only: the feature groups and the Glue jobs would fail with "Insufficient Lake Formation permission(s)"`,
        remedy:
          "A data lake administrator turns IAM back on for what is made from then on, in the whole account and region, before the first deployment. " +
          "Where that must not be, grant the pipelines' roles their databases in Lake Formation. The command keeps the account's other settings:",
        commands: [turnOn(settings, region)],
      },
    ];
  });
}

/** PutDataLakeSettings replaces all settings, so it gets those that there are. */
function turnOn(settings: DataLakeSettings, region: string): string {
  const { CreateDatabaseDefaultPermissions: databases, CreateTableDefaultPermissions: tables } = settings;
  const complete = {
    ...settings,
    CreateDatabaseDefaultPermissions: leavesToIam(databases) ? databases : [...(databases ?? []), leftToIam],
    CreateTableDefaultPermissions: leavesToIam(tables) ? tables : [...(tables ?? []), leftToIam],
  };
  return awsCommand(["lakeformation", "put-data-lake-settings"], {
    "data-lake-settings": JSON.stringify(complete),
    region,
  });
}

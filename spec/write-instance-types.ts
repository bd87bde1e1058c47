/** Part of `npm run schema`: writes the instance types of the installed AWS SDK. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { instanceTypesPath, instanceTypesText } from "./sdk-instance-types";

writeFileSync(resolve(__dirname, "..", instanceTypesPath), instanceTypesText());
console.log(`wrote ${instanceTypesPath}`);

/** The report's style sheet: light, dark and printed, from a phone's width to a desk's; nothing is loaded from anywhere. */
import { themeVariables } from "./palette";
import { base } from "./style/base";
import { charts } from "./style/charts";
import { print } from "./style/print";
import { tables } from "./style/tables";

const themes = `
:root{color-scheme:light dark;${themeVariables("light")}}
@media screen and (prefers-color-scheme:dark){:root{${themeVariables("dark")}}}
`;

export const style = [themes, base, tables, charts, print].join("");

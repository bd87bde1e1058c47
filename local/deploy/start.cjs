/** Runs main.ts with the quick loader: `node local/deploy/start.cjs --endpoint …`. */
require("./load.cjs");
require("./main.ts");

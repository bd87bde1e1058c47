/** Runs main.ts with the fast loader: `node local/deploy/start.cjs --endpoint …`. */
require("./load.cjs");
require("./main.ts");

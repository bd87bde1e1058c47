/**
 * Opens the report in a Chromium that is installed here and checks what only a browser knows: axe finds no violation, nothing
 * sticks out of the page, nothing is loaded, and everything is open on paper. Each case of the unit tests, at three widths,
 * light, dark and printed.
 *
 *     npm run check:report
 *     npm run check:report -- .daybreak/cdnow/report/summary.json --pictures pictures/
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import axe from "axe-core";
import { z } from "zod";
import { renderPage } from "../../cli/report/page";
import { summary as summaryContract } from "../../contracts/summary";
import { reportCases } from "../unit/cli/report.cases";
import { Chromium, findChromium } from "./chromium";

interface View {
  name: string;
  width: number;
  media: "screen" | "print";
  scheme: "light" | "dark";
}

const widths = [390, 768, 1280];
/** A4 between its margins, in CSS pixels. */
const paperWidth = 695;
const views: readonly View[] = [
  ...(["light", "dark"] as const).flatMap((scheme) =>
    widths.map((width): View => ({ name: `${width}-${scheme}`, width, media: "screen", scheme })),
  ),
  // From a dark screen: paper is light all the same.
  { name: "print", width: paperWidth, media: "print", scheme: "dark" },
];
const pictureHeight = 2000;

const found = z.object({
  violations: z.array(z.object({ id: z.string(), help: z.string(), nodes: z.array(z.string()) })),
  wide: z.array(z.string()),
  closed: z.number(),
  height: z.number(),
});

/** Runs in the page. What scrolls by itself or is cut off may be wider than it; what is only for screen readers has no place. */
const inspection = `(async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const root = document.documentElement;
  const sticksOut = (element) => element.getBoundingClientRect().right > root.clientWidth + 1 && element.closest(".scroll, .stage, caption, .unseen, thead") === null;
  const describe = (element) => element.tagName.toLowerCase() + "." + element.getAttribute("class") + " “" + element.textContent.slice(0, 40) + "”";
  return {
    violations: violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 120) + " " + failureSummary) })),
    wide: root.scrollWidth > root.clientWidth ? [...document.querySelectorAll("body *")].filter(sticksOut).slice(0, 5).map(describe) : [],
    closed: [...document.querySelectorAll("details")].filter((element) => element.lastElementChild.getBoundingClientRect().height === 0).length,
    height: root.scrollHeight,
  };
})()`;

/** Opens a page in a view, and returns what is wrong with it. */
async function check(browser: Chromium, file: string, view: View, picture: string | undefined): Promise<string[]> {
  const session = await browser.open();
  const call = (method: string, params: Record<string, unknown> = {}) => browser.call(method, params, session);
  const requests: string[] = [];
  browser.listen(session, "Network.requestWillBeSent", (params) => {
    requests.push(z.object({ request: z.object({ url: z.string() }) }).parse(params).request.url);
  });
  await Promise.all(["Page.enable", "Network.enable", "Runtime.enable"].map((method) => call(method)));
  await call("Emulation.setDeviceMetricsOverride", {
    ...{ width: view.width, height: 900, deviceScaleFactor: 1, mobile: false },
  });
  const features = [{ name: "prefers-color-scheme", value: view.scheme }];
  await call("Emulation.setEmulatedMedia", { media: view.media, features });
  const loaded = new Promise<void>((resolve) => browser.listen(session, "Page.loadEventFired", () => resolve()));
  const url = pathToFileURL(file).href;
  await call("Page.navigate", { url });
  await loaded;
  await call("Runtime.evaluate", { expression: axe.source });
  const evaluated = await call("Runtime.evaluate", { expression: inspection, awaitPromise: true, returnByValue: true });
  const { result } = z.object({ result: z.object({ value: z.unknown() }) }).parse(evaluated);
  const { violations, wide, closed, height } = found.parse(result.value);
  if (picture !== undefined) await takePictures(call, view, height, picture);
  await call("Page.close");
  return [
    ...violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}. ${node}`)),
    ...wide.map((element) => `wider than the page: ${element}`),
    ...requests.filter((request) => request !== url).map((request) => `loaded ${request}`),
    ...(view.media === "print" && closed > 0 ? [`${closed} parts are closed on paper`] : []),
  ];
}

type Call = (method: string, params?: Record<string, unknown>) => Promise<unknown>;

/** A page is higher than a picture may be: it is taken in pieces, on paper as a PDF. */
async function takePictures(call: Call, { width, media }: View, height: number, picture: string): Promise<void> {
  const data = (answer: unknown) => Buffer.from(z.object({ data: z.string() }).parse(answer).data, "base64");
  if (media === "print") {
    writeFileSync(`${picture}.pdf`, data(await call("Page.printToPDF", { preferCSSPageSize: true })));
    return;
  }
  for (let top = 0; top < height; top += pictureHeight) {
    const clip = { x: 0, y: top, width, height: Math.min(pictureHeight, height - top), scale: 1 };
    const answer = await call("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip });
    writeFileSync(`${picture}-${String(top / pictureHeight).padStart(2, "0")}.png`, data(answer));
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { pictures: { type: "string" } }, allowPositionals: true });
  const program = findChromium();
  if (program === undefined) {
    console.error("No Chromium was found. Install Chromium or Chrome, or set CHROMIUM to its program.");
    return 1;
  }
  const cases =
    positionals.length > 0
      ? positionals.map((file) => [file, () => summaryContract.parse(JSON.parse(readFileSync(file, "utf8")))] as const)
      : Object.entries(reportCases);
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  if (values.pictures !== undefined) mkdirSync(values.pictures, { recursive: true });
  const browser = new Chromium(program);
  let wrong = 0;
  try {
    for (const [name, summary] of cases) {
      const file = join(folder, "index.html");
      writeFileSync(file, renderPage(summary()));
      for (const view of views) {
        const words = name.replace(/[^\w]+/g, "-");
        const picture = values.pictures === undefined ? undefined : join(values.pictures, `${words}-${view.name}`);
        const problems = await check(browser, file, view, picture);
        wrong += problems.length;
        console.log(`${problems.length === 0 ? "✓" : "✗"} ${name}, ${view.name}`);
        for (const problem of problems) console.log(`    ${problem.replaceAll("\n", " ")}`);
      }
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(wrong === 0 ? "Nothing is wrong." : `${wrong} problems.`);
  return wrong === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);

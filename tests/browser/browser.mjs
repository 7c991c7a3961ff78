// A browser that watches what it is shown: no error on the console, nothing blocked by the pages'
// own policy, nothing from elsewhere, nothing that axe-core finds hard to use.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const tools = path.join(process.env.FUSION_BROWSER_TOOLS, "package.json");
const require = createRequire(tools);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Problems of all visitors, in words. */
export const problems = [];

export async function launch(more = []) {
  const executablePath = process.env.FUSION_CHROMIUM || "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...more] });
}

/** Somebody at a screen of their own. */
export async function visitor(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const note = (what) => problems.push(`${new URL(page.url() || origin).pathname}: ${what}`);
  page.on("pageerror", (error) => note(`script: ${error.message}`));
  page.on("console", (line) => {
    // A refused form is an answer like any other; browsers call it an error.
    const refused = /status of (4\d\d)/.test(line.text());
    if (line.type() === "error" && !refused) note(`console: ${line.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    // Evidence is shown from an origin of its own, by a link that is good for a while.
    const isEvidence = request.isNavigationRequest() && request.frame() !== page.mainFrame() && /^http:\/\/(localhost|127\.0\.0\.1):\d+\/[0-9a-f]{64}$/.test(url);
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:") && !isEvidence) note(`asks for ${url}`);
  });
  return page;
}

/** Holds a page against axe-core. */
export async function easy(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const results = await window.axe.run(document, { resultTypes: ["violations"] });
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  for (const violation of found) problems.push(`${where}: ${violation}`);
}

/** Nothing of a page lies outside a screen of this width, save what can be moved by itself. */
export async function fits(page, width, where) {
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (wide > width) {
    const culprit = await page.evaluate((most) => {
      const inScroller = (element) => element.closest(".scroll, pre");
      const all = [...document.querySelectorAll("body *")].filter((one) => !inScroller(one) || one.matches(".scroll, pre"));
      const found = all.filter((one) => one.getBoundingClientRect().right > most + 1).pop();
      return found ? found.outerHTML.slice(0, 140) : "";
    }, width);
    problems.push(`${where}: ${wide} px wide on a screen of ${width}: ${culprit}`);
  }
}

/** Something that is tried, with a line on how it went. */
export async function story(name, tell) {
  const before = problems.length;
  try {
    await tell();
  } catch (error) {
    problems.push(`${name}: ${error.message.split("\n").slice(0, 3).join(" ")}`);
  }
  const good = problems.length === before;
  console.log(`${good ? "ok  " : "FAIL"} ${name}`);
  for (const problem of problems.slice(before)) console.log(`       ${problem}`);
}

export function told(good, what) {
  if (!good) problems.push(what);
}

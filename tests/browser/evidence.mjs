// A hostile page as evidence, in a real browser: nothing of it asks, runs, or leads away. Each of the
// three things that see to it (written anew, policy, frame) has to hold alone.
//
//   node evidence.mjs ORIGIN WELCOME-PATH PAGE LEAD
//
// Prints a line for each story; ends with 1 when something was amiss.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { easy, fits, launch, problems, story, told, visitor } from "./browser.mjs";
import { phoneHome } from "./phone_home.mjs";

const [origin, welcome, file, lead] = process.argv.slice(2);
const raw = readFileSync(file, "utf8");
const pictures = process.env.FUSION_SCREENSHOTS;
const PASSWORD = "correct horse battery staple";
const SOME = ["link-stylesheet", "script-src", "script-image", "img-src", "css-import", "css-background", "css-escaped", "style-attribute", "iframe", "object", "svg-image", "body-onload"];

/** The code of an authenticator app (RFC 6238) for this key in base 32. */
function code(key) {
  const digits = [...key].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", bytes).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

/** All that a reader may do with a page: wait, point, click, press keys. */
async function handle(page, frame) {
  await page.waitForTimeout(1500);
  for (const words of ["Подробиці тут", "У новому вікні", "Завантажити", "Далі", "Відправити"]) {
    const one = frame.getByText(words, { exact: true }).first();
    await one.hover({ timeout: 2000 }).catch(() => {});
    await one.click({ timeout: 2000, force: true, noWaitAfter: true }).catch(() => {});
    await page.waitForTimeout(150);
  }
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(1000);
}

const browser = await launch();

await story("the page does phone home where nobody keeps it from it", async () => {
  // Without what leads away at once, so that the rest is loaded to its end.
  const staying = raw.split("\n").filter((line) => !/top\.location|http-equiv="refresh"/.test(line)).join("\n");
  const home = await phoneHome({ raw: { html: staying } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${home.origin}/raw`).catch(() => {});
  await page.waitForTimeout(2500);
  const missing = SOME.filter((one) => !home.paths.includes(one));
  told(missing.length === 0, `it should have asked for ${missing}; it asked for ${home.paths}`);
  told(home.paths.length > 40, `it asked for ${home.paths.length} things only`);
  await context.close();
  home.close();
});

const olena = await visitor(browser, origin);
let address;
let policy;

await story("an investigator looks at it, clicks on everything, and nobody hears of it", async () => {
  await olena.goto(`${origin}${welcome}`);
  const key = (await olena.textContent("fieldset:nth-of-type(2) code")).replaceAll(/\s/g, "");
  await olena.fill("input[name=password]", PASSWORD);
  await olena.fill("input[name=again]", PASSWORD);
  await olena.fill("input[name=code]", code(key));
  await olena.click("main button");
  await olena.waitForURL(/queue/);

  const home = await phoneHome();
  const asked = [];
  olena.context().on("request", async (request) => asked.push([request.url(), (await request.allHeaders()).cookie]));
  const answers = [];
  olena.on("response", (response) => answers.push(response));
  const where = `${origin}/leads/${lead}/evidence/0`;
  await olena.goto(where);
  address = await olena.getAttribute("iframe", "src");
  const frame = olena.frameLocator("iframe");
  await frame.getByText("Паспорт залишається у координатора").waitFor();
  await easy(olena, "evidence in a frame");
  if (pictures) await olena.screenshot({ path: path.join(pictures, "evidence.png") });
  await handle(olena, frame);
  told(olena.url() === where, `the app was led to ${olena.url()}`);
  told(olena.context().pages().length === 1, "a window was opened");
  told((await olena.textContent("h1")) === "Evidence", "the app's page was written over");
  await frame.getByText("Паспорт залишається у координатора").waitFor();

  const elsewhere = asked.filter(([url]) => !url.startsWith(`${origin}/`) && url !== address);
  told(elsewhere.length === 0, `it asked for ${elsewhere}`);
  const framed = asked.filter(([url]) => url === address);
  told(framed.length === 1 && framed[0][1] === undefined, `the frame was asked for with ${framed}`);
  told(home.connections === 0, "somebody connected to the page's home");
  policy = answers.find((answer) => answer.url() === address).headers()["content-security-policy"];
  for (const width of [320, 640]) {
    await olena.setViewportSize({ width, height: 800 });
    await fits(olena, width, "evidence in a frame");
  }
  await olena.setViewportSize({ width: 1280, height: 900 });
  home.close();
});

await story("a link is good in a frame of the app alone", async () => {
  const other = await browser.newContext();
  const page = await other.newPage();
  await olena.reload();
  address = await olena.getAttribute("iframe", "src");
  const answer = await page.goto(address);
  told(answer.status() === 404, "it opens in a window of its own");
  const home = await phoneHome({ framing: { html: `<iframe src="${address}"></iframe>` } });
  await page.goto(`${home.origin}/framing`);
  await page.waitForTimeout(500);
  const body = await page.frames()[1].content().catch(() => "");
  told(!body.includes("Паспорт"), "another site frames it");
  await other.close();
  home.close();
});

/** The frame of a page that holds it, as the app makes one. */
const framing = (what, attributes) => `<!doctype html><title>app</title><iframe id="f" width="900" height="600" src="${what}" ${attributes}></iframe>`;

async function alone(name, headers, outer, attributes) {
  await story(name, async () => {
    const app = await phoneHome();
    const home = await phoneHome({ raw: { html: raw, headers } });
    const holder = await phoneHome({ app: { html: framing(`${home.origin}/raw`, attributes), headers: outer(home.origin) } });
    const context = await browser.newContext();
    await context.addCookies([{ name: "fusion_session", value: "a-secret", url: home.origin, httpOnly: true }]);
    const page = await context.newPage();
    await page.goto(`${holder.origin}/app`);
    const frame = page.frameLocator("#f");
    await frame.getByText("Паспорт залишається у координатора").waitFor();
    await handle(page, frame);
    // Names that are looked up ahead of time are no requests; pages that are shown have none.
    told(home.paths.length === 0, `it asked for ${home.paths}`);
    told(page.url() === `${holder.origin}/app`, `it led to ${page.url()}`);
    told(context.pages().length === 1, "a window was opened");
    await context.close();
    for (const one of [app, home, holder]) one.close();
  });
}

const framed = (home) => ({ "content-security-policy": `default-src 'none'; frame-src ${home}` });
// The policy of the real answer; who may frame it is another matter here.
const shut = policy.replace(/frame-ancestors [^;]*/, "frame-ancestors *");
await alone("the policy alone keeps a page still that was not written anew", { "content-security-policy": shut }, framed, "");

await story("a page that was written anew is still without a policy", async () => {
  await olena.reload();
  const address = await olena.getAttribute("iframe", "src");
  const answer = await olena.context().request.get(address, { headers: { "sec-fetch-dest": "iframe" } });
  told(answer.status() === 200, `the frame is answered with ${answer.status()}`);
  const home = await phoneHome({ anew: { html: (await answer.text()) } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${home.origin}/anew`);
  await handle(page, page);
  told(home.paths.length === 0, `it asked for ${home.paths}`);
  told(page.url() === `${home.origin}/anew`, `it led to ${page.url()}`);
  await context.close();
  home.close();
});

await browser.close();
process.exit(problems.length === 0 ? 0 : 1);

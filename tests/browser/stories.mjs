// A day of each role in the app that `fusion demo` ends in, in a real browser.
//
//   node stories.mjs ORIGIN INVESTIGATOR-LINK LIAISON-LINK PARTNER-LINK
//
// Prints a line for each story; ends with 1 when something was amiss. With FUSION_SCREENSHOTS=DIR it
// leaves pictures there.

import path from "node:path";

import { easy, fits, launch, problems, story, told, visitor } from "./browser.mjs";

const [origin, ...links] = process.argv.slice(2);
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const LANGUAGES = ["en", "uk", "ru", "ro"];
const pictures = process.env.FUSION_SCREENSHOTS;

async function picture(page, name, options = {}) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

async function enter(page, link) {
  await page.goto(link);
  await easy(page, "one-time log-in");
  await page.click("main form button");
}

/** Does something that leads to another page, and waits for it. */
async function goes(page, act) {
  const before = page.url();
  await act();
  await page.waitForURL((url) => url.href !== before);
}

const browser = await launch();
const olena = await visitor(browser, origin);
const mihai = await visitor(browser, origin);
const partner = await visitor(browser, origin, { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });

await story("each person comes in by a link, once", async () => {
  const guest = await visitor(browser, origin);
  await guest.goto(origin);
  told(guest.url() === `${origin}/login`, "a guest sees more than the log-in page");
  await picture(guest, "log-in");
  for (const [page, link] of [[olena, links[0]], [mihai, links[1]], [partner, links[2]]]) {
    await enter(page, link);
    const again = await guest.goto(link);
    told(again.status() === 404, "a link lets in twice");
  }
  told(olena.url() === `${origin}/queue`, `the investigator begins at ${olena.url()}`);
  told(partner.url() === `${origin}/tips`, `the partner begins at ${partner.url()}`);
});

async function someLead() {
  await olena.goto(`${origin}/queue`);
  return olena.getAttribute("li.lead", "data-path");
}

await story("every page reads well in four languages, on a phone, enlarged, and in the dark", async () => {
  const lead = await someLead();
  const of_olena = ["/queue", "/queue?status=decided", lead, `${lead}/evidence/0`, "/rules", "/rules/document-retention", "/rules/try", "/trends", "/queue?from=UA&to=TR&since=2020-01-01", "/sources", "/audit", "/users", "/settings", "/nothing"];
  for (const language of LANGUAGES) {
    for (const [page, paths] of [[olena, of_olena], [mihai, [lead]], [partner, ["/tips", "/settings"]]]) {
      for (const where of paths) {
        const address = `${origin}${where}${where.includes("?") ? "&" : "?"}lang=${language}`;
        await page.goto(address);
        const at = `${where} in ${language}`;
        told((await page.getAttribute("html", "lang")) === language, `${at} is not in its language`);
        await easy(page, at);
        // 320 px, and 200 % on a screen of 1280.
        for (const width of [320, 640]) {
          await page.setViewportSize({ width, height: 800 });
          await fits(page, width, at);
        }
        if (page !== partner) await page.setViewportSize({ width: 1280, height: 900 });
      }
    }
  }
  await partner.setViewportSize({ width: 320, height: 640 });
  await olena.emulateMedia({ colorScheme: "dark" });
  for (const where of of_olena) {
    await olena.goto(`${origin}${where}`);
    await easy(olena, `${where} in the dark`);
  }
  await olena.goto(`${origin}${lead}`);
  await picture(olena, "lead-dark");
  await olena.emulateMedia({ colorScheme: "light" });
});

await story("an investigator works twenty leads by keyboard alone", async () => {
  await olena.goto(`${origin}/queue`);
  await picture(olena, "queue");
  await olena.keyboard.press("?");
  told(await olena.isVisible("#keys"), "? shows no keys");
  await olena.keyboard.press("Escape");
  // The browser closes it in its own time, and what is pressed meanwhile is the list's.
  await olena.waitForSelector("#keys", { state: "hidden" });
  await olena.keyboard.press("j");
  await olena.keyboard.press("j");
  await olena.keyboard.press("k");
  const first = await olena.evaluate(() => document.activeElement.id);
  told(first.startsWith("l-"), "j and k move to no lead");
  const waiting = await olena.locator("li.lead").count();
  let decided = 0;
  for (; decided < Math.min(20, waiting - 2); decided += 1) {
    await goes(olena, () => olena.keyboard.press(decided === 0 ? "Enter" : "n"));
    if (decided === 0) await picture(olena, "lead");
    if (decided % 3 === 0) {
      await olena.keyboard.press("c");
      await olena.waitForURL(/said=claimed/);
    }
    await olena.keyboard.press(["e", "d", "m", "r"][decided % 4]);
    await olena.keyboard.press("ArrowDown");
    await olena.keyboard.press("Tab");
    await olena.keyboard.type("по клавіатурі");
    await olena.keyboard.press("Tab");
    await olena.keyboard.press("Enter");
    await olena.waitForURL(/said=decided/);
    if (decided === 0) await picture(olena, "decided");
  }
  told(decided >= 10, `only ${decided} leads were decided`);
  await olena.goto(`${origin}/queue?status=decided`);
  told((await olena.locator("li.lead").count()) >= decided, "decided leads are missing");
});

await story("an investigator keeps filters under a name and takes them off again", async () => {
  await olena.goto(`${origin}/queue?status=all`);
  await olena.fill(".filters input[name=contact]", "067");
  await olena.click(".filters button");
  await olena.waitForURL(/contact=067/);
  await olena.fill("form.view input[name=name]", "Мій вигляд");
  await picture(olena, "view");
  await olena.click("form.view button");
  await olena.waitForURL(/said=view-saved/);
  told((await olena.textContent("nav.views")).includes("Мій вигляд"), "the view is not above the queue");
  await olena.click("nav.views a[aria-current]");
  await easy(olena, "a kept view");
  await olena.click("form.view button");
  await olena.waitForURL(/said=view-deleted/);
  told(!(await olena.textContent("nav.views")).includes("Мій вигляд"), "the view is still there");
});

await story("an investigator notes what is to be done, adds a file, and looks closer at the links", async () => {
  const lead = await someLead();
  await olena.goto(`${origin}${lead}`);
  await olena.fill("#tasks input[name=text]", "зателефонувати в інспекцію");
  await olena.click("#tasks form.stack button");
  await olena.waitForURL(/said=task-set/);
  await olena.setInputFiles("#files input[type=file]", { name: "лист.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF invented") });
  await olena.click("#files button");
  await olena.waitForURL(/said=file-added/);
  const [download] = await Promise.all([olena.waitForEvent("download"), olena.click("#files a[download]")]);
  told(download.suggestedFilename().endsWith(".pdf"), `the file came as ${download.suggestedFilename()}`);
  await easy(olena, "a lead with a task and a file");
  await olena.click("#tasks ul.tasks button");
  await olena.waitForURL(/said=task-done/);
  told((await olena.locator("#tasks ul.tasks li").count()) === 0, "the task is still open");
});

await story("an investigator takes a posting out of a lead and looks closer at what it still shares", async () => {
  await olena.goto(`${origin}/queue?status=all`);
  const paths = await olena.locator("li.lead").evaluateAll((rows) => rows.map((row) => row.dataset.path));
  for (const path of paths) {
    await olena.goto(`${origin}${path}`);
    if (await olena.isVisible("#hands form[action$='/split']")) break;
  }
  await olena.selectOption("#hands select[name=posting]", { index: 2 });
  await olena.fill("#hands form[action$='/split'] input[name=reason]", "інша людина");
  await olena.click("#hands form[action$='/split'] button");
  await olena.waitForURL(/said=split/);
  const before = (await olena.locator("svg.graph").boundingBox()).width;
  await olena.check("fieldset.zoom input[value='2']");
  const after = (await olena.locator("svg.graph").boundingBox()).width;
  told(after > before * 1.3, `the picture grows from ${before} to ${after}`);
  await easy(olena, "the picture of links, made larger");
  await olena.locator("#links").scrollIntoViewIfNeeded();
  await picture(olena, "links");
});

await story("trends are counted when somebody asks, and read in four languages", async () => {
  await olena.goto(`${origin}/trends`);
  if (await olena.isVisible("form[action='/trends'] button")) {
    await olena.click("form[action='/trends'] button");
    await olena.waitForURL(/said=count/);
  }
  for (const language of LANGUAGES) {
    await olena.goto(`${origin}/trends?lang=${language}`);
    await easy(olena, `trends in ${language}`);
    await olena.setViewportSize({ width: 320, height: 800 });
    await fits(olena, 320, `trends in ${language}`);
    await olena.setViewportSize({ width: 1280, height: 900 });
  }
  await olena.goto(`${origin}/trends`);
  await picture(olena, "trends", { fullPage: true });
  await olena.goto(`${origin}/rules`);
  told(await olena.isVisible("#hits table"), "no rule has its hits");
  await olena.locator("#hits").scrollIntoViewIfNeeded();
  await picture(olena, "rule-hits");
});

await story("a decision is taken back, and the log keeps both", async () => {
  await olena.goto(`${origin}/queue?status=decided&verdict=monitor`);
  await olena.click("li.lead h2 a");
  await olena.click("form[action$='/withdraw'] button");
  await olena.waitForURL(/said=withdrawn/);
  const log = await olena.textContent("#history");
  told(log.includes("took the decision back") && log.includes("decided"), "the log lacks one of both");
  await olena.click("form[action$='/release'] button");
});

await story("a second person approves, builds the packet and takes it along", async () => {
  await mihai.goto(`${origin}/queue?status=decided&verdict=escalate`);
  await mihai.click("li.lead h2 a");
  await easy(mihai, "the terms of a packet");
  await mihai.check("#hand-over input[name=which][value=redacted]");
  await mihai.selectOption("#hand-over select[name=language]", "ro");
  await mihai.selectOption("#hand-over select[name=handling]", "H1");
  await mihai.click("#hand-over details.folded summary");
  await mihai.fill("#hand-over textarea[name=summary]", "Fetele sunt chemate în Turcia, actele se predau la sosire.");
  await mihai.fill("#hand-over textarea[name^=translation-]", "Pașaportul rămâne la coordonator.");
  await easy(mihai, "what is written for a packet");
  await fits(mihai, 1280, "what is written for a packet");
  await mihai.check("#hand-over input[name=read]");
  await picture(mihai, "hand-over", { fullPage: true });
  await mihai.click("#hand-over form button");
  await mihai.waitForURL(/said=packet-built/);
  const [download] = await Promise.all([mihai.waitForEvent("download"), mihai.click("#hand-over a[download]")]);
  told(download.suggestedFilename().endsWith(".zip"), "no packet came");
});

await story("a partner sends a tip from a phone and sees what becomes of it", async () => {
  await partner.goto(`${origin}/tips`);
  await partner.fill("textarea[name=text]", "Кличуть дівчат на роботу за кордон, паспорт забирає координатор, телефон теж, дорогу відпрацювати.");
  await partner.fill("input[name=contact]", "+380671112233");
  await partner.setInputFiles("input[name=screenshot]", { name: "1.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  await picture(partner, "tip-phone");
  await partner.click("form[action='/tips'] button");
  await partner.waitForURL(/said=tip/);
  told((await partner.textContent("main")).includes("Кличуть дівчат"), "the tip is not in the list");
  const other = await partner.goto(`${origin}/queue`);
  told(other.status() === 403, "a partner sees the queue");
});

await story("news come without moving the list", async () => {
  await olena.goto(`${origin}/queue`);
  await olena.waitForTimeout(500);
  const before = await olena.locator("li.lead").allTextContents();
  await partner.goto(`${origin}/tips`);
  await partner.fill("textarea[name=text]", "Ще одне: паспорт залишається у координатора, телефон забираємо, борг відпрацюєте, виїзд сьогодні.");
  await partner.click("form[action='/tips'] button");
  await partner.waitForURL(/said=tip/);
  await olena.waitForSelector("#news:not([hidden])");
  told((await olena.locator("li.lead").count()) === before.length, "the list moved");
  await olena.click("#news a");
  told((await olena.locator("li.lead").count()) > 0, "the list is empty");
});

await story("what a tip says of people is masked until a reason is given", async () => {
  await olena.goto(`${origin}/queue?source=tips`);
  await olena.click("li.lead h2 a");
  await picture(olena, "masked");
  const text = await olena.textContent("main");
  told(!text.includes("+380671112233") && (await olena.isVisible("#masked")), "a contact is shown");
  await olena.fill("#masked input[name=reason]", "передзвонити сьогодні");
  await olena.click("#masked button");
  await olena.waitForURL(/said=revealed/);
  // The latest tip has a picture; which it is of two depends on their scores.
  const lead = olena.url().split("?")[0];
  await olena.goto(`${lead}/evidence/0`);
  if (await olena.isVisible("iframe")) {
    const blurred = await olena.frameLocator("iframe").locator("img").evaluate((img) => getComputedStyle(img).filter);
    told(blurred.includes("blur"), `the screenshot is shown as it is: ${blurred}`);
    await olena.click("a[href='?pictures=clear']");
    const clear = await olena.frameLocator("iframe").locator("img").evaluate((img) => getComputedStyle(img).filter);
    told(clear === "none", `the screenshot stays ${clear}`);
  }
});

await story("an analyst tries words, adds a source and starts a scan", async () => {
  await olena.goto(`${origin}/rules/try`);
  await olena.fill("textarea[name=text]", "Паспорт здаєте хазяїну на зберігання, телефон забираємо.");
  await olena.click("form[action='/rules/try'] button");
  told((await olena.locator("mark").count()) > 0, "nothing is marked");
  await picture(olena, "try-text");
  await olena.goto(`${origin}/sources`);
  await picture(olena, "sources");
  await olena.fill("#new input[name=id]", "new-feed");
  await olena.fill("#new input[name=url]", "https://jobs.example/rss");
  await olena.selectOption("#new select[name=kind]", "feed");
  await olena.fill("#new input[name=basis]", "public feed, terms read");
  await olena.click("#new button:not([formaction])");
  told((await olena.textContent("main")).includes("new-feed"), "the source is not listed");
  await olena.click("form[action='/sources/scan'] button");
  await olena.waitForURL(/said=scan-begun/);
});

await story("it all works without a script", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies(await olena.context().cookies());
  const page = await context.newPage();
  await page.goto(`${origin}/queue/next`);
  await page.click("form[action$='/claim'] button");
  await page.check("input[name=verdict][value=dismiss]");
  await page.selectOption("#decide select[name=code]", "ordinary");
  await page.click("#decide button");
  told(page.url().includes("said=decided"), `without a script it ends at ${page.url()}`);
});

await story("logging out ends it", async () => {
  await olena.goto(`${origin}/settings`);
  await picture(olena, "settings");
  await olena.click("form[action='/logout'] button");
  await olena.goto(`${origin}/queue`);
  told(olena.url() === `${origin}/login`, "still in");
});

await browser.close();
process.exit(problems.length === 0 ? 0 : 1);

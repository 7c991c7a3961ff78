// Snapshots in a replay viewer of another house (ReplayWeb.page), in a real browser.
//
//   node replay.mjs WACZ ADDRESS [WACZ ADDRESS ...]
//
// Prints a JSON list with, for each pair, the `address` of the replayed frame, the text that is `seen`
// in it, and the text that it `holds`, seen or not. Ends with 1 when anybody else was asked for anything.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";

import { launch } from "./browser.mjs";

// The viewer's two files hold all that they need; the packages that they were built from are not in
// package-lock.json.
const require = createRequire(path.join(process.env.FUSION_BROWSER_TOOLS, "package.json"));
const viewer = path.dirname(require.resolve("replaywebpage/index.html"));
const given = process.argv.slice(2);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wacz": "application/wacz" };

const files = new Map([
  ["/ui.js", readFileSync(path.join(viewer, "ui.js"))],
  ["/replay/sw.js", readFileSync(path.join(viewer, "sw.js"))],
  ["/replay/start.html", Buffer.from("<!doctype html><title>start</title>")],
]);
for (let at = 0; at < given.length; at += 2) {
  const address = given[at + 1].replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const element = `<replay-web-page embed="replayonly" source="/${at}.wacz" url="${address}"></replay-web-page>`;
  const style = "<style>replay-web-page { display: block; height: 95vh }</style>";
  files.set(`/${at}.html`, Buffer.from(`<!doctype html><title>replay</title>${style}<script src="/ui.js"></script>${element}`));
  files.set(`/${at}.wacz`, readFileSync(given[at]));
}

const server = http.createServer((request, response) => {
  const name = request.url.split("?")[0];
  const file = files.get(name);
  if (!file) return response.writeHead(404).end();
  const headers = { "content-type": TYPES[path.extname(name)], "accept-ranges": "bytes" };
  // The viewer reads a snapshot in pieces, its directory at the end first.
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) return response.writeHead(200, { ...headers, "content-length": file.length }).end(file);
  const [first, last] = range.slice(1).map((number) => (number === "" ? undefined : Number(number)));
  const from = first ?? Math.max(0, file.length - last);
  const to = first === undefined ? file.length : Math.min((last ?? file.length) + 1, file.length);
  const place = { "content-range": `bytes ${from}-${to - 1}/${file.length}`, "content-length": to - from };
  return response.writeHead(206, { ...headers, ...place }).end(file.subarray(from, to));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

// No name leads anywhere, should the viewer or a page ask for one past all that is watched here.
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]);
const context = await browser.newContext();
const elsewhere = new Set();
context.on("request", (request) => {
  const url = request.url();
  if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) elsewhere.add(url);
});
const page = await context.newPage();

// The viewer's page would ask for its frame before its service worker is there to answer.
await page.goto(`${origin}/replay/start.html`);
await page.evaluate(async () => {
  await navigator.serviceWorker.register("/replay/sw.js?serveIndex=1");
  await navigator.serviceWorker.ready;
});

/** What stands in a frame. What is selected is what is seen, in HTML and in bare XML alike. */
function look() {
  const selection = getSelection();
  selection.selectAllChildren(document.documentElement);
  const seen = selection.toString();
  selection.removeAllRanges();
  return { seen, holds: document.documentElement.textContent };
}

/** The replayed frame, when twice the same was seen in it. */
async function replayed(at) {
  await page.goto(`${origin}/${at}.html`);
  let before = "";
  for (const until = Date.now() + 30000; Date.now() < until; await page.waitForTimeout(200)) {
    const frame = page.frames().find((one) => /\/replay\/w\/.*mp_\//.test(one.url()));
    // A frame that is led on meanwhile is looked at again.
    const now = frame && (await frame.evaluate(look).catch(() => undefined));
    if (now?.seen && now.seen === before) return { address: frame.url(), ...now };
    before = now?.seen ?? "";
  }
  throw new Error(`nothing is shown of ${given[at]}`);
}

const told = [];
for (let at = 0; at < given.length; at += 2) told.push(await replayed(at));
console.log(JSON.stringify(told));
for (const url of elsewhere) console.error(`asks for ${url}`);
await browser.close();
server.close();
process.exit(elsewhere.size === 0 ? 0 : 1);

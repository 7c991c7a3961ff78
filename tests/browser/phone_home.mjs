// A server that must not be asked: it writes down whoever asks it for anything.

import http from "node:http";

/** Listens on this machine; `paths` are those that were asked for, without their leading slash. */
export async function phoneHome(pages = {}) {
  const paths = [];
  const server = http.createServer((request, response) => {
    const path = request.url.split("?")[0].slice(1);
    const page = pages[path];
    if (page) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers });
      response.end(page.html.replaceAll("http://phone-home.invalid", home.origin));
      return;
    }
    if (path !== "favicon.ico") paths.push(path);
    response.writeHead(200, { "content-type": "text/plain", "access-control-allow-origin": "*" });
    response.end("noted");
  });
  // A browser that only connects has told that somebody looks.
  const home = { paths, connections: 0, close: () => server.close() };
  server.on("connection", () => { home.connections += 1; });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  home.origin = `http://127.0.0.1:${server.address().port}`;
  return home;
}

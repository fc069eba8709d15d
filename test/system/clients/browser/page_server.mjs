// Serves an origin with pages: GET /NAME is a page that runs NAME.js from the folder. A page reports
// with POST /report, one line each; the last is "done".
import { readFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export async function servePages(folder) {
  let end;
  const done = new Promise((resolve) => (end = resolve));
  const server = http.createServer(async (request, response) => {
    const [, name, extension] = request.url.match(/^\/(\w+)(\.js)?(?:\?|$)/) ?? [];
    if (request.method === "POST" && name === "report") {
      const line = await text(request);
      if (line === "done") end();
      else console.log(line);
      response.writeHead(204).end();
    } else if (request.method === "GET" && extension) {
      const script = await readFile(join(folder, `${name}.js`));
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (request.method === "GET" && name) {
      response
        .writeHead(200, { "content-type": "text/html; charset=utf-8" })
        .end(`<!doctype html><title>${name}</title><script type="module" src="/${name}.js"></script>`);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    done,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

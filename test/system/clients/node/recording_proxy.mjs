// Passes on HTTP/1.1 unchanged, and records what a transport sent and received.
import http from "node:http";

// Calls body(baseUrl, exchanges); each exchange has method, url, sent and got: headers and bodies.
export async function withRecordingProxy(target, body) {
  const exchanges = [];
  const proxy = http.createServer((request, response) => {
    const exchange = {
      method: request.method,
      url: request.url,
      sent: { headers: request.headers, body: Buffer.alloc(0) },
    };
    exchanges.push(exchange);
    request.on("data", (piece) => {
      exchange.sent.body = Buffer.concat([exchange.sent.body, piece]);
    });
    const { method, headers } = request;
    const onward = http.request(new URL(request.url, target), { method, headers }, (answer) => {
      exchange.got = { status: answer.statusCode, headers: answer.headers };
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  try {
    await body(`http://127.0.0.1:${proxy.address().port}`, exchanges);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}

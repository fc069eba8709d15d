// Starts the programs under test. Each can be stopped; its promise `failed` is rejected when the program
// ends, and never fulfilled.
import { spawn } from "node:child_process";
import { once } from "node:events";

function start(name, command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-1_000)));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `status ${code}`}`));
  });
  const failed = ended.then((how) => Promise.reject(new Error(`${name} ${how}: ${output}`)));
  failed.catch(() => {}); // must not count as unhandled
  return {
    child,
    failed,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(force);
    },
  };
}

export async function startCoupond(path, dataDirectory, flags) {
  const server = start("coupond", path, ["--listen", "127.0.0.1:0", "--data-dir", dataDirectory, ...flags]);
  for (;;) {
    const ready = server.output().match(/ready on (http:\/\/\S+) /);
    if (ready) return { ...server, url: ready[1] };
    await Promise.race([once(server.child.stderr, "data"), server.failed]);
  }
}

// Starts Chromium so that it connects only to the test's servers and writes only to the empty folder.
export function startChromium(path, folder, url) {
  const flags = [
    "--headless",
    "--no-sandbox", // root, as in a container, cannot have one
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${folder}`,
  ];
  return start("chromium", path, [...flags, url], { TMPDIR: folder });
}

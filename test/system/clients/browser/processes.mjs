// The programs that are driven. Each can be stopped, and says by `failed`, a promise that is never
// fulfilled, if it ended by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";

function start(name, command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (told = (told + text).slice(-1_000)));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `status ${code}`}`));
  });
  const failed = ended.then((how) => Promise.reject(new Error(`${name} ${how}: ${told}`)));
  failed.catch(() => {}); // whoever cares waits for it
  return {
    child,
    failed,
    told: () => told,
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
    const ready = server.told().match(/ready on (http:\/\/\S+) /);
    if (ready) return { ...server, url: ready[1] };
    await Promise.race([once(server.child.stderr, "data"), server.failed]);
  }
}

// It asks nobody but the servers of the test, and leaves nothing outside the folder, which is empty.
export function startChromium(path, folder, url) {
  const flags = [
    "--headless",
    "--no-sandbox", // which root, as in a container, cannot have
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

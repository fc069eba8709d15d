// Loads the pages in Chromium and prints what they report. The first page may call the server that is
// started here, and then loads the second page, of another origin, which may call neither server.
//
// Usage: main.mjs CHROMIUM COUPOND URL, where the server at the URL allows no page to call
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startCoupond, startChromium } from "./processes.mjs";
import { servePages } from "./page_server.mjs";

const longest_ms = 900_000;
const [chromium, coupond, deafUrl] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "coupond-browser-"));
const running = [];
for (const folder of ["backups", "chromium"]) mkdirSync(join(directory, folder));

async function cleanUp() {
  await Promise.all(running.map((program) => program.stop()));
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => cleanUp().finally(() => process.exit(130)));
}

// Checks that the attempts of a page that may not call had no effect.
async function createdNothing(name, url) {
  const answer = await fetch(`${url}/coupon.v1.CouponService/ListCampaigns`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const names = (await answer.json()).campaigns.map((campaign) => campaign.name);
  const slipped = names.filter((other) => other.startsWith("refused"));
  if (slipped.length === 0) console.log(`ok browser ${name}`);
  else console.log(`FAILED browser ${name}: created ${slipped.join(", ")}`);
}

async function run() {
  const folder = fileURLToPath(new URL("pages", import.meta.url));
  const pages = await servePages(folder);
  const others = await servePages(folder);
  running.push(pages, others);
  const server = await startCoupond(coupond, join(directory, "data"), [
    ...["--backup-dir", join(directory, "backups")],
    ...["--cors-origin", pages.origin],
  ]);
  running.push(server);

  const servers = { server: server.url, deaf: deafUrl };
  const next = `${others.origin}/refused?${new URLSearchParams(servers)}`;
  const first = `${pages.origin}/allowed?${new URLSearchParams({ ...servers, next })}`;
  const browser = startChromium(chromium, join(directory, "chromium"), first);
  running.push(browser);

  const tooLong = new Promise((_, reject) => {
    const why = new Error(`the pages took longer than ${longest_ms} ms`);
    setTimeout(() => reject(why), longest_ms).unref();
  });
  await Promise.race([Promise.all([pages.done, others.done]), browser.failed, server.failed, tooLong]);
  await createdNothing("a page of another origin changes nothing", server.url);
  await createdNothing("no page changes anything without --cors-origin", deafUrl);
}

try {
  await run();
} catch (error) {
  console.log(`FAILED browser: ${String(error?.message ?? error).replace(/\s+/g, " ")}`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
process.exit(process.exitCode ?? 0);

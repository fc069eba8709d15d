// Prints one line for each check; script/e2e counts them.
import { setTimeout as wait } from "node:timers/promises";

const longest_ms = 120_000;

// Prints "ok" if the body returns, "FAILED" if it throws or takes too long.
export async function check(name, body) {
  const tooLong = new AbortController();
  try {
    await Promise.race([
      body(),
      wait(longest_ms, undefined, { signal: tooLong.signal }).then(() => {
        throw new Error(`took longer than ${longest_ms} ms`);
      }),
    ]);
    console.log(`ok node ${name}`);
  } catch (error) {
    console.log(`FAILED node ${name}: ${String(error?.message ?? error).replace(/\s+/g, " ")}`);
    process.exitCode = 1;
  } finally {
    tooLong.abort();
  }
}

// Waits until the condition holds, a minute or more.
export async function until(what, condition) {
  for (let tries = 0; tries < 6_000; ++tries) {
    if (await condition()) return;
    await wait(10);
  }
  throw new Error(`did not happen: ${what}`);
}

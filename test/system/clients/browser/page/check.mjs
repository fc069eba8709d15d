// The counterpart of node/check.mjs: reports each line to the server of the page.
const longest_ms = 120_000;

export const wait = (time_ms) => new Promise((resolve) => setTimeout(resolve, time_ms));

export async function report(line) {
  await fetch("/report", { method: "POST", body: line.replace(/\s+/g, " ") });
}

// Prints "ok" if the body returns, "FAILED" if it throws or takes too long.
export async function check(name, body) {
  const tooLong = wait(longest_ms).then(() => {
    throw new Error(`took longer than ${longest_ms} ms`);
  });
  try {
    await Promise.race([body(), tooLong]);
    await report(`ok browser ${name}`);
  } catch (error) {
    await report(`FAILED browser ${name}: ${error?.message ?? error}`);
  }
}

window.addEventListener("unhandledrejection", ({ reason }) =>
  report(`FAILED browser an unhandled rejection: ${reason}`),
);
window.addEventListener("error", ({ message }) => report(`FAILED browser an error: ${message}`));

// Waits until the condition holds, a minute or more.
export async function until(what, condition) {
  for (let tries = 0; tries < 6_000; ++tries) {
    if (await condition()) return;
    await wait(10);
  }
  throw new Error(`did not happen: ${what}`);
}

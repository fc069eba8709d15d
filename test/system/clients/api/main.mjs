// Sends the requests of a document and compares the answers. Values that differ from run to run are
// compared by likeness.mjs.
//
// Usage: main.mjs FILE URL
import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { call } from "./call.mjs";
import { examplesOf } from "./examples.mjs";
import { Likeness } from "./likeness.mjs";
import { rowsOf } from "./rows.mjs";

const startsIn_ms = 10_000; // long enough for the examples before the first issue
const tries = 6_000; // of ten milliseconds each, while waiting for a campaign's start

const [file, url] = process.argv.slice(2);
const { examples, commands } = examplesOf(file);
const likeness = new Likeness();

async function answerTo(example) {
  const request = likeness.translate(example.request, startsIn_ms);
  for (let count = 0; count < tries; ++count) {
    const answer = await call(url, example.path, request);
    const tooEarly = answer.message.refusal === "REFUSAL_NOT_STARTED";
    if (!tooEarly || example.answer.refusal === "REFUSAL_NOT_STARTED") return answer;
    await wait(10);
  }
  throw new Error("the campaign never started");
}

async function check(name, body) {
  try {
    await body();
    console.log(`ok api ${name}`);
  } catch (error) {
    console.log(`FAILED api ${name}: ${quiet(error)}`);
    process.exitCode = 1;
  }
}

function quiet(error) {
  return String(error?.message ?? error).replace(/\s+/g, " ");
}

async function checkExample(example) {
  const { section, line, answerLine } = example;
  await check(`${section}: line ${line} gets the answer in line ${answerLine}`, async () => {
    const { status, message } = await answerTo(example);
    likeness.compare(example.answer, message);
    const failed = "message" in example.answer && "code" in example.answer;
    if (failed === (status === 200)) throw new Error(`the status is ${status}`);
  });
}

async function checkCommand({ section, line, text, outputLine, format, output }) {
  const expectation = output ? ` prints line ${outputLine}` : "";
  await check(`${section}: the command of line ${line}${expectation}`, () => {
    const command = likeness.translateText(text).replaceAll("http://127.0.0.1:8080", url);
    const printed = execFileSync("bash", ["-c", command], { timeout: 60_000, encoding: "utf8" });
    if (output) return likeness.compare(rowsOf(format, output), rowsOf(format, printed));
    if ("code" in JSON.parse(printed)) throw new Error(printed);
  });
}

// In the document's order: some commands show what the examples before them have made.
for (const part of [...examples, ...commands].sort((a, b) => a.line - b.line)) {
  await (part.request ? checkExample(part) : checkCommand(part));
}
await check("the document has examples and commands", () => {
  if (examples.length < 10 || commands.length < 1) throw new Error("not found");
});

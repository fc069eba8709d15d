// Finds the examples of a document: a `json` block is a request, and the `json` block directly after it
// is the answer. The path is the one that the section names as `POST /…`, or the coupon service's method
// that is the section's heading. Commands are the `sh` blocks that call curl; a `csv` or `jsonl` block
// directly after one is its output.
import { readFileSync } from "node:fs";

const fence = "```";
const files = new Set(["csv", "jsonl"]);

export function examplesOf(file) {
  const examples = [];
  const commands = [];
  let section = "";
  let path = "";
  for (const { kind, line, text, heading, named } of partsOf(file)) {
    if (kind === "heading") [section, path] = [heading, `/coupon.v1.CouponService/${heading}`];
    else if (kind === "path") path = named;
    else if (kind === "sh" && /^curl /.test(text)) commands.push({ section, line, text });
    else if (kind === "request") examples.push({ section, path, line, request: JSON.parse(text) });
    else if (kind === "answer") {
      Object.assign(examples.at(-1), { answerLine: line, answer: JSON.parse(text) });
    } else if (files.has(kind)) {
      Object.assign(commands.at(-1), { outputLine: line, format: kind, output: text });
    }
  }
  for (const { section: where, line, answer } of examples) {
    if (!answer) throw new Error(`${where}: the request in line ${line} has no answer`);
  }
  return { examples, commands };
}

// Yields headings, paths and blocks in order. `line` is the number of a block's first line.
function* partsOf(file) {
  let block = null;
  let endOfRequest = 0;
  for (const [index, text] of readFileSync(file, "utf8").split("\n").entries()) {
    const line = index + 1;
    if (block && text === fence) {
      if (block.kind === "request") endOfRequest = line;
      yield { ...block, text: block.lines.join("\n") };
      block = null;
    } else if (block) {
      block.lines.push(text);
    } else if (text.startsWith(fence)) {
      const answers = endOfRequest > 0 && line === endOfRequest + 1;
      const kind = text === `${fence}json` ? (answers ? "answer" : "request") : text.slice(fence.length);
      block = { kind, line: line + 1, lines: [] };
    } else if (text.startsWith("## ")) {
      yield { kind: "heading", heading: text.slice(3) };
    } else {
      const [, named] = text.match(/`POST (\/[\w./]+)`/) ?? [];
      if (named) yield { kind: "path", named };
    }
  }
}

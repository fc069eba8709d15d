// Runs a collection from the top and prints one line for each check. Usage: collection.mjs FILE URL
import { readFileSync } from "node:fs";
import newman from "newman";

const [file, url] = process.argv.slice(2);
const collection = JSON.parse(readFileSync(file, "utf8"));

function failed(name, error) {
  console.log(`FAILED postman ${name}: ${String(error.message).replace(/\s+/g, " ")}`);
  process.exitCode = 1;
}

const checked = new Set();
newman
  .run({ collection, envVar: [{ key: "baseUrl", value: url }], timeoutRequest: 60_000 })
  .on("request", (error, { item }) => {
    if (error) failed(item.name, error);
  })
  .on("script", (error, { item }) => {
    if (error) failed(item.name, error);
  })
  .on("assertion", (error, { item, assertion }) => {
    checked.add(item.id);
    if (error) failed(`${item.name}: it ${assertion}`, error);
    else console.log(`ok postman ${item.name}: it ${assertion}`);
  })
  .on("done", (error, summary) => {
    if (error) failed("the run", error);
    // A script that waits too long for the start would skip the requests after it.
    summary.collection.forEachItem(({ id, name }) => {
      if (!checked.has(id)) failed(name, new Error("nothing was checked"));
    });
  });

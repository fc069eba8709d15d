// Runs every check for every form of a transport. Usage: node main.mjs URL SERVER-PID
import { forms } from "./forms.mjs";
import { checkCampaigns } from "./campaigns.mjs";
import { checkDeadlines } from "./deadlines.mjs";
import { checkErrors } from "./errors.mjs";
import { checkOnTheWire } from "./on_the_wire.mjs";
import { checkStreams } from "./streams.mjs";

// An unhandled rejection must not keep the other checks from being reported.
process.on("unhandledRejection", (error) => {
  console.log(`FAILED node an unhandled rejection: ${error}`);
  process.exitCode = 1;
});

const server = { url: process.argv[2], pid: Number(process.argv[3]) };
for (const form of forms) {
  await checkCampaigns(form, server);
  await checkErrors(form, server);
  await checkOnTheWire(form, server);
  await checkStreams(form, server);
  await checkDeadlines(form, server);
}
process.exit(process.exitCode ?? 0);

// Every check, for every form that a transport can have: node main.mjs URL SERVER-PID.
import { forms } from "./forms.mjs";
import { checkCampaigns } from "./campaigns.mjs";
import { checkDeadlines } from "./deadlines.mjs";
import { checkErrors } from "./errors.mjs";
import { checkOnTheWire } from "./on_the_wire.mjs";
import { checkStreams } from "./streams.mjs";

// An error that no check waited for must not keep the others from being told.
process.on("unhandledRejection", (error) => {
  console.log(`FAILED node an error that nobody waited for: ${error}`);
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

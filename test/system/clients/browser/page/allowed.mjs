// The page of the origin that --cors-origin names: everything works as outside a browser.
import { checkCampaigns } from "./campaigns.mjs";
import { report } from "./check.mjs";
import { checkErrors } from "./errors.mjs";
import { forms } from "./forms.mjs";
import { checkOnTheWire } from "./page_wire.mjs";
import { checkRefused } from "./refusals.mjs";
import { checkStreams } from "./page_streams.mjs";

const query = new URLSearchParams(location.search);
const server = { url: query.get("server") };
for (const form of forms) {
  await checkCampaigns(form, server);
  await checkErrors(form, server);
  await checkOnTheWire(form, server);
  await checkStreams(form, server);
}
await checkRefused("a server without --cors-origin", query.get("deaf"));
await report("done");
location.assign(query.get("next"));

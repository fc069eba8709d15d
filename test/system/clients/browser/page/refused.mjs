// The page of an origin that no server allows.
import { report } from "./check.mjs";
import { checkRefused } from "./refusals.mjs";

const query = new URLSearchParams(location.search);
await checkRefused("a server that allows another origin", query.get("server"));
await checkRefused("a server without --cors-origin, from another origin", query.get("deaf"));
await report("done");

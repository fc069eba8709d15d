// Checks that a page which may not call gets no answer and changes nothing: main.mjs looks for campaigns
// whose names begin with "refused".
import assert from "node:assert/strict";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { check } from "./check.mjs";
import { clientOf, forms } from "./forms.mjs";

export async function checkRefused(who, url) {
  await check(`${who} is reachable`, async () => {
    const { type } = await fetch(`${url}/healthz`, { mode: "no-cors" });
    assert.equal(type, "opaque");
  });
  for (const form of forms) {
    await check(`${who}, ${form.name}: calls and streams are refused`, () => callAll(form, url));
  }
  await check(`${who}: the page cannot read a GET, which browsers send without asking`, async () => {
    await refused(clientOf(forms[0], url, { useHttpGet: true }).listCampaigns({}));
  });
  await check(`${who}: a request that browsers send without asking changes nothing`, () => sendUnasked(url));
}

async function callAll(form, url) {
  const client = clientOf(form, url);
  const startTime = timestampFromMs(Date.now() + 60_000);
  const name = `refused, ${form.name} ${location.origin}`;
  await refused(client.createCampaign({ name, totalCoupons: 1, startTime }));
  await refused(client.listCampaigns({}));
  const watched = client.watchCampaign({ campaignId: "00000000-0000-4000-8000-000000000000" });
  await refused(watched[Symbol.asyncIterator]().next());
}

// Checks that the fetch itself fails, rather than the server answering with an error such as not_found.
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    assert.match(ConnectError.from(error).rawMessage, /Failed to fetch/);
    return;
  }
  assert.fail("it was answered");
}

// Sends what a form or script of any page can send without a preflight. The answer cannot be read.
async function sendUnasked(url) {
  const body = JSON.stringify({
    name: `refused, unasked ${location.origin}`,
    totalCoupons: 1,
    startTime: new Date(Date.now() + 60_000).toISOString(),
  });
  for (const path of ["/CreateCampaign", "/coupon.v1.CouponService/CreateCampaign"]) {
    for (const type of ["", "text/plain", "application/x-www-form-urlencoded"]) {
      await fetch(url + path, { method: "POST", mode: "no-cors", body: new Blob([body], { type }) });
    }
  }
}

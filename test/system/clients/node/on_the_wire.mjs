// Checks that the forms are really used: a transport that silently falls back to POST or to uncompressed
// messages would pass all other checks.
import assert from "node:assert/strict";
import { check } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { openCampaign } from "./open_campaign.mjs";
import { withRecordingProxy } from "./recording_proxy.mjs";

const coupons = 40;

export async function checkOnTheWire(form, server) {
  if (form.protocol === "connect") {
    await check(`${form.name}: methods without side effects use GET`, () => useGet(form, server));
  }
  if (form.gzip) {
    await check(`${form.name}: messages are compressed both ways`, () => useGzip(form, server));
  }
}

async function useGet(form, server) {
  await withRecordingProxy(server.url, async (url, exchanges) => {
    const client = clientOf(form, url, { useHttpGet: true });
    const campaign = await filledCampaign(client, form);
    exchanges.length = 0;
    const got = await client.getCampaign({ campaignId: campaign.id });
    assert.equal(got.coupons.length, coupons);
    const listed = await client.listCoupons({ campaignId: campaign.id });
    assert.equal(listed.coupons.length, coupons);
    assert.ok((await client.listCampaigns({})).campaigns.length > 0);
    assert.deepEqual(exchanges.map(({ method }) => method), ["GET", "GET", "GET"]);
    assert.match(exchanges[0].url, /^\/coupon\.v1\.CouponService\/GetCampaign\?/);
    // A method that changes something never uses GET.
    await client.deleteCampaign({ campaignId: campaign.id });
    assert.equal(exchanges[3].method, "POST");
  });
}

async function useGzip(form, server) {
  await withRecordingProxy(server.url, async (url, exchanges) => {
    const client = clientOf(form, url);
    const campaign = await filledCampaign(client, form);
    exchanges.length = 0;
    const listed = await client.listCoupons({ campaignId: campaign.id });
    assert.equal(listed.coupons.length, coupons);
    const [{ sent, got }] = exchanges;
    if (form.protocol === "connect") {
      assert.equal(sent.headers["content-encoding"], "gzip");
      assert.equal(got.headers["content-encoding"], "gzip");
    } else {
      assert.equal(sent.headers["grpc-encoding"], "gzip");
      assert.equal(sent.body[0] & 1, 1, "the request's envelope is not compressed");
      assert.equal(got.headers["grpc-encoding"], "gzip");
    }
    await client.deleteCampaign({ campaignId: campaign.id });
  });
}

async function filledCampaign(client, form) {
  const campaign = await openCampaign(client, form, coupons);
  const campaignId = campaign.id;
  await Promise.all(Array.from({ length: coupons - 1 }, () => client.issueCoupon({ campaignId })));
  return campaign;
}

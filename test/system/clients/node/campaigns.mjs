// A campaign from its creation to its end.
import assert from "node:assert/strict";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Refusal } from "./gen/coupon/v1/coupon_service_pb.js";
import { check, until } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign } from "./open_campaign.mjs";

const code = /^[가-힣0-9]{10}$/u;

export async function checkCampaigns(form, server) {
  const client = clientOf(form, server.url);
  await check(`${form.name}: create, issue, get, list, delete`, async () => {
    let campaign, request, early;
    // On a busy machine the first request may come after the start.
    for (let startsIn = 500; startsIn <= 50_000; startsIn *= 10) {
      campaign = await createCampaign(client, form, 2, startsIn);
      request = { campaignId: campaign.id, userId: "김" };
      early = await client.issueCoupon(request);
      if (!early.success) break;
    }
    assert.match(campaign.id, /^[0-9a-f-]{36}$/);
    assert.equal(campaign.totalCoupons, 2);
    assert.ok(timestampMs(campaign.createdAt) < timestampMs(campaign.startTime));
    assert.equal(early.success, false);
    assert.equal(early.refusal, Refusal.NOT_STARTED);
    const longest_ms = timestampMs(campaign.startTime) - timestampMs(campaign.createdAt) + 1;
    assert.ok(early.waitMs > 0n && early.waitMs <= BigInt(longest_ms), `wait_ms is ${early.waitMs}`);

    let first;
    await until("the start", async () => (first = await client.issueCoupon(request)).success);
    assert.match(first.coupon.code, code);
    assert.equal(first.coupon.userId, "김");
    const again = await client.issueCoupon(request);
    assert.equal(again.alreadyIssued, true);
    assert.equal(again.coupon.code, first.coupon.code);
    const second = await client.issueCoupon({ campaignId: campaign.id });
    assert.match(second.coupon.code, code);
    assert.ok(second.sequence > first.sequence);
    const late = await client.issueCoupon({ campaignId: campaign.id });
    assert.equal(late.refusal, Refusal.SOLD_OUT);

    const codes = [first.coupon.code, second.coupon.code];
    const got = await client.getCampaign({ campaignId: campaign.id });
    assert.equal(got.campaign.issuedCoupons, 2);
    assert.deepEqual(got.coupons.map((coupon) => coupon.code), codes);
    assert.deepEqual(await codesInPages(client, campaign.id), codes);
    assert.ok((await idsInPages(client)).includes(campaign.id));

    const deleted = await client.deleteCampaign({ campaignId: campaign.id });
    assert.equal(deleted.success, true);
    const nothing = await client.deleteCampaign({ campaignId: campaign.id });
    assert.equal(nothing.refusal, Refusal.NO_SUCH_CAMPAIGN);
    assert.ok(!(await idsInPages(client)).includes(campaign.id));
  });
}

async function codesInPages(client, campaignId) {
  const codes = [];
  let pageToken = "";
  do {
    const page = await client.listCoupons({ campaignId, pageSize: 1, pageToken });
    codes.push(...page.coupons.map((coupon) => coupon.code));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return codes;
}

async function idsInPages(client) {
  const ids = [];
  let pageToken = "";
  do {
    const page = await client.listCampaigns({ pageSize: 3, pageToken });
    ids.push(...page.campaigns.map((campaign) => campaign.id));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return ids;
}

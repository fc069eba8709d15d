// Creates campaigns for the checks.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Refusal } from "./gen/coupon/v1/coupon_service_pb.js";
import { until } from "./check.mjs";

let count = 0;

// The start may not lie in the past when the server reads it.
const startsIn_ms = 100;

export function newName(form) {
  return `${form.name} ${++count}`;
}

export async function createCampaign(client, form, totalCoupons, startsIn = startsIn_ms) {
  const { campaign } = await client.createCampaign({
    name: newName(form),
    totalCoupons,
    startTime: timestampFromMs(Date.now() + startsIn),
  });
  return campaign;
}

// Returns a campaign that has started. One of its coupons is issued.
export async function openCampaign(client, form, totalCoupons) {
  const campaign = await createCampaign(client, form, totalCoupons);
  await until("the first coupon", async () => {
    const answer = await client.issueCoupon({ campaignId: campaign.id });
    return answer.refusal !== Refusal.NOT_STARTED;
  });
  return campaign;
}

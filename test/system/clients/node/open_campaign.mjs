// Creates campaigns for the checks.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { Refusal } from "./gen/coupon/v1/coupon_service_pb.js";
import { until } from "./check.mjs";

let count = 0;

// The start may not lie in the past when the server reads it, as it may on a busy machine; then it is later.
const startsIn_ms = 100;
const longestStartsIn_ms = 30_000;

export function newName(form) {
  return `${form.name} ${++count}`;
}

export async function createCampaign(client, form, totalCoupons, startsIn = startsIn_ms) {
  const startTime = timestampFromMs(Date.now() + startsIn);
  try {
    return (await client.createCampaign({ name: newName(form), totalCoupons, startTime })).campaign;
  } catch (error) {
    const isPast = ConnectError.from(error).code === Code.InvalidArgument;
    if (!isPast || startsIn >= longestStartsIn_ms) throw error;
    return createCampaign(client, form, totalCoupons, Math.min(10 * startsIn, longestStartsIn_ms));
  }
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

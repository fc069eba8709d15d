// Errors come with their code, their message and, for refusals, a detail for programs.
import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { Refusal, RefusalDetailSchema } from "./gen/coupon/v1/coupon_service_pb.js";
import { check } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign } from "./open_campaign.mjs";

export async function checkErrors(form, server) {
  const client = clientOf(form, server.url);
  await check(`${form.name}: a name that is taken is an error with its RefusalDetail`, async () => {
    const { id, name, startTime } = await createCampaign(client, form, 1, 60_000);
    const error = await errorOf(client.createCampaign({ name, totalCoupons: 1, startTime }));
    assert.equal(error.code, Code.AlreadyExists);
    const [detail] = error.findDetails(RefusalDetailSchema);
    assert.equal(detail.refusal, Refusal.NAME_TAKEN);
    assert.ok(detail.sequence > 0n);
    await client.deleteCampaign({ campaignId: id });
  });
  await check(`${form.name}: an error has its code and its message`, async () => {
    const unknown = { campaignId: "00000000-0000-4000-8000-000000000000" };
    const error = await errorOf(client.getCampaign(unknown));
    assert.equal(error.code, Code.NotFound);
    assert.notEqual(error.rawMessage, "");
    assert.equal((await errorOf(client.listCoupons({}))).code, Code.InvalidArgument);
    const stream = client.watchCampaign(unknown)[Symbol.asyncIterator]();
    assert.equal((await errorOf(stream.next())).code, Code.NotFound);
  });
}

async function errorOf(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  return assert.fail("there was no error");
}

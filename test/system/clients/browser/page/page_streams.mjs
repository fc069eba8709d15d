// WatchCampaign in a page. A browser opens at most six connections to a server, so cancelled streams
// that stay open would soon block all other calls.
import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { WatchState } from "./gen/coupon/v1/coupon_service_pb.js";
import { check } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign, openCampaign } from "./open_campaign.mjs";

const moreThanConnections = 8;

export async function checkStreams(form, server) {
  const client = clientOf(form, server.url);
  await check(`${form.name}: a watched campaign until it sells out`, () => sellOut(client, form));
  await check(`${form.name}: a watched campaign until it is deleted`, () => remove(client, form));
  await check(`${form.name}: a stream past its deadline`, () => timeOut(client, form));
  await check(`${form.name}: cancelled streams release their connections`, () =>
    giveUp(client, form),
  );
}

async function sellOut(client, form) {
  const { id: campaignId } = await openCampaign(client, form, 3);
  const stream = client.watchCampaign({ campaignId })[Symbol.asyncIterator]();
  assert.equal((await stream.next()).value.campaign.issuedCoupons, 1);
  for (let issued = 2; issued <= 3; ++issued) {
    const answer = await client.issueCoupon({ campaignId });
    const { value } = await stream.next();
    assert.equal(value.campaign.issuedCoupons, issued);
    assert.equal(value.sequence, answer.sequence);
    assert.equal(value.state, issued === 3 ? WatchState.SOLD_OUT : WatchState.LIVE);
  }
  assert.equal((await stream.next()).done, true);
}

async function remove(client, form) {
  const { id: campaignId } = await createCampaign(client, form, 3, 60_000);
  const stream = client.watchCampaign({ campaignId })[Symbol.asyncIterator]();
  assert.equal((await stream.next()).value.state, WatchState.LIVE);
  await client.deleteCampaign({ campaignId });
  assert.equal((await stream.next()).value.state, WatchState.DELETED);
  assert.equal((await stream.next()).done, true);
}

async function timeOut(client, form) {
  const { id: campaignId } = await createCampaign(client, form, 3, 60_000);
  const stream = client.watchCampaign({ campaignId }, { timeoutMs: 200 })[Symbol.asyncIterator]();
  await endsWith(Code.DeadlineExceeded, async () => {
    while (!(await stream.next()).done);
  });
}

async function giveUp(client, form) {
  const { id: campaignId } = await createCampaign(client, form, 3, 60_000);
  for (let count = 0; count < moreThanConnections; ++count) {
    const caller = new AbortController();
    const stream = client
      .watchCampaign({ campaignId }, { signal: caller.signal })
      [Symbol.asyncIterator]();
    assert.equal((await stream.next()).value.state, WatchState.LIVE);
    const end = stream.next();
    caller.abort();
    await endsWith(Code.Canceled, () => end);
  }
  assert.equal((await client.deleteCampaign({ campaignId })).success, true);
}

async function endsWith(code, body) {
  try {
    await body();
  } catch (error) {
    assert.equal(ConnectError.from(error).code, code);
    return;
  }
  assert.fail("there was no error");
}

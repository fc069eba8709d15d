// WatchCampaign: its messages, how it ends, and what is left when its caller disconnects.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { Code, ConnectError } from "@connectrpc/connect";
import { WatchState } from "./gen/coupon/v1/coupon_service_pb.js";
import { check, until } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign, openCampaign } from "./open_campaign.mjs";

export async function checkStreams(form, server) {
  const client = clientOf(form, server.url);
  await check(`${form.name}: a watched campaign that sells out`, () => sellOut(client, form));
  await check(`${form.name}: a watched campaign that is deleted`, () => remove(client, form));
  await check(`${form.name}: cancelled streams leave no connection`, () =>
    giveUp(client, form, server.pid),
  );
}

async function sellOut(client, form) {
  const { id: campaignId } = await openCampaign(client, form, 4);
  const stream = client.watchCampaign({ campaignId })[Symbol.asyncIterator]();
  let { value: last } = await stream.next();
  assert.equal(last.campaign.id, campaignId);
  assert.equal(last.campaign.issuedCoupons, 1);
  assert.equal(last.state, WatchState.LIVE);
  // A message after each change, and the newest counters in it.
  for (let issued = 2; issued <= 4; ++issued) {
    const answer = await client.issueCoupon({ campaignId });
    const { value: next } = await stream.next();
    assert.equal(next.campaign.issuedCoupons, issued);
    assert.equal(next.sequence, answer.sequence);
    assert.ok(next.sequence > last.sequence);
    last = next;
  }
  assert.equal(last.state, WatchState.SOLD_OUT);
  assert.equal((await stream.next()).done, true);
  // A later watcher gets the final state at once.
  const states = [];
  for await (const { state } of client.watchCampaign({ campaignId })) states.push(state);
  assert.deepEqual(states, [WatchState.SOLD_OUT]);
}

async function remove(client, form) {
  const { id: campaignId } = await createCampaign(client, form, 4, 60_000);
  const stream = client.watchCampaign({ campaignId })[Symbol.asyncIterator]();
  assert.equal((await stream.next()).value.state, WatchState.LIVE);
  await client.deleteCampaign({ campaignId });
  const { value: last } = await stream.next();
  assert.equal(last.state, WatchState.DELETED);
  assert.equal(last.campaign.id, campaignId);
  assert.equal((await stream.next()).done, true);
}

async function giveUp(client, form, pid) {
  const { id: campaignId } = await createCampaign(client, form, 4, 60_000);
  const caller = new AbortController();
  const streams = Array.from({ length: 10 }, () =>
    client.watchCampaign({ campaignId }, { signal: caller.signal })[Symbol.asyncIterator](),
  );
  await Promise.all(streams.map((stream) => stream.next()));
  const before = openSockets(pid);
  assert.ok(before >= streams.length, `only ${before} sockets are open`);
  const ends = streams.map((stream) => stream.next());
  caller.abort();
  for (const { reason } of await Promise.allSettled(ends)) {
    assert.equal(ConnectError.from(reason).code, Code.Canceled);
  }
  await until("the connections are closed", () => openSockets(pid) <= before - streams.length);
  assert.equal((await client.deleteCampaign({ campaignId })).success, true);
}

// Counts the server's sockets, including the one that listens.
function openSockets(pid) {
  return readdirSync(`/proc/${pid}/fd`).filter((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith("socket:");
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}

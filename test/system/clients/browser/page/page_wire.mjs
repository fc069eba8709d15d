// Checks that the forms are really used, and which header fields of an answer a page may read.
import assert from "node:assert/strict";
import { Code } from "@connectrpc/connect";
import { AdminService } from "./gen/coupon/v1/admin_service_pb.js";
import { check, until } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign, openCampaign } from "./open_campaign.mjs";

let backups = 0;

export async function checkOnTheWire(form, server) {
  await check(`${form.name}: messages have the requested type`, async () => {
    let header;
    await clientOf(form, server.url).listCampaigns({}, { onHeader: (headers) => (header = headers) });
    const type = form.options.useBinaryFormat ? "proto" : "json";
    const expected = form.protocol === "connect" ? `application/${type}` : `application/grpc-web+${type}`;
    assert.equal(header.get("content-type"), expected);
  });
  await check(`${form.name}: a page may read Retry-After`, () => readRetryAfter(form, server));
  if (form.protocol === "connect") {
    await check(`${form.name}: methods without side effects use GET`, () => useGet(form, server));
  }
}

// Of several simultaneous backups one succeeds. Browsers show a page only the header fields that the
// server exposes.
async function readRetryAfter(form, server) {
  const client = clientOf(form, server.url, {}, AdminService);
  let refusal;
  await until("a refused backup", async () => {
    const requests = Array.from({ length: 4 }, () => client.createBackup({ name: `page-${++backups}` }));
    const refusals = (await Promise.allSettled(requests)).map(({ reason }) => reason);
    refusal = refusals.find((error) => error?.code === Code.Unavailable);
    return refusal !== undefined;
  });
  assert.match(refusal.metadata.get("retry-after"), /^[123]$/);
}

async function useGet(form, server) {
  const methods = [];
  const client = clientOf(form, server.url, {
    useHttpGet: true,
    fetch: (url, init) => {
      methods.push(init.method);
      return fetch(url, init);
    },
  });
  const { id: campaignId } = await openCampaign(client, form, 4);
  methods.length = 0;
  const issued = async () => (await client.getCampaign({ campaignId })).campaign.issuedCoupons;
  // The second may come from the browser's cache, which must revalidate it.
  assert.equal(await issued(), 1);
  assert.equal(await issued(), 1);
  await client.issueCoupon({ campaignId });
  assert.equal(await issued(), 2);
  assert.equal((await client.listCoupons({ campaignId })).coupons.length, 2);
  assert.deepEqual(methods, ["GET", "GET", "POST", "GET", "GET"]);
  await client.deleteCampaign({ campaignId });
}

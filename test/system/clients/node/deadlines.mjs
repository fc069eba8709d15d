// Time limits. The transport has a timer of its own, so what the server does is seen without it, too.
import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { check } from "./check.mjs";
import { clientOf } from "./forms.mjs";
import { createCampaign } from "./open_campaign.mjs";

const limit_ms = 200;

export async function checkDeadlines(form, server) {
  const client = clientOf(form, server.url);
  await check(`${form.name}: a quiet stream ends with deadline_exceeded`, async () => {
    const { id: campaignId } = await createCampaign(client, form, 1, 60_000);
    const stream = client.watchCampaign({ campaignId }, { timeoutMs: limit_ms });
    await assert.rejects(
      async () => {
        for await (const _ of stream);
      },
      (error) => ConnectError.from(error).code === Code.DeadlineExceeded,
    );
    await client.deleteCampaign({ campaignId });
  });
  if (form.options.useBinaryFormat === false && !form.gzip) {
    await check(`${form.name}: the server itself ends a stream past its deadline`, async () => {
      const { id } = await createCampaign(client, form, 1, 60_000);
      let answer = "";
      // On a busy machine the first message may take longer than the limit.
      for (let limit = limit_ms; limit <= 100 * limit_ms; limit *= 10) {
        answer = await watchWithoutTimer(form, server.url, id, limit);
        if (answer.includes('"totalCoupons":1')) break;
      }
      assert.match(answer, /"totalCoupons":1/); // the first message came
      assert.match(
        answer,
        form.protocol === "connect" ? /"code":"deadline_exceeded"/ : /grpc-status: ?4\r\n/,
      );
      await client.deleteCampaign({ campaignId: id });
    });
  }
}

// Returns the whole answer once the server has ended it, after this time.
async function watchWithoutTimer(form, url, campaignId, limit) {
  const message = Buffer.from(JSON.stringify({ campaignId }));
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(message.length, 1);
  const answer = await fetch(`${url}/coupon.v1.CouponService/WatchCampaign`, {
    method: "POST",
    headers:
      form.protocol === "connect"
        ? {
            "content-type": "application/connect+json",
            "connect-protocol-version": "1",
            "connect-timeout-ms": `${limit}`,
          }
        : { "content-type": "application/grpc-web+json", "grpc-timeout": `${limit}m` },
    body: Buffer.concat([envelope, message]),
  });
  assert.equal(answer.status, 200);
  return answer.text();
}

// Makes a call in JSON over the Connect protocol. Of a stream only the first message is read.
import { Buffer } from "node:buffer";

const streams = new Set([
  "/coupon.v1.AdminService/ReadEvents",
  "/coupon.v1.CouponService/ExportCoupons",
  "/coupon.v1.CouponService/WatchCampaign",
]);
const envelopeHead = 5; // flags and length

export async function call(url, path, request) {
  const streamed = streams.has(path);
  const message = Buffer.from(JSON.stringify(request));
  const head = Buffer.alloc(envelopeHead);
  head.writeUInt32BE(message.length, 1);
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": streamed ? "application/connect+json" : "application/json" },
    body: streamed ? Buffer.concat([head, message]) : message,
    signal: AbortSignal.timeout(60_000),
  });
  const text = streamed ? await firstMessage(answer) : await answer.text();
  try {
    return { status: answer.status, message: JSON.parse(text) };
  } catch {
    throw new Error(`the answer is not JSON: ${text}`);
  }
}

async function firstMessage(answer) {
  let bytes = Buffer.alloc(0);
  for await (const piece of answer.body) {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length < envelopeHead) continue;
    const end = envelopeHead + bytes.readUInt32BE(1);
    if (bytes.length >= end) return bytes.toString("utf8", envelopeHead, end); // leaving cancels the stream
  }
  throw new Error("the stream ended before its first message");
}

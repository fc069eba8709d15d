// The forms of a transport: its protocol, how messages are written, and whether they are compressed.
import { createClient } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { CouponService } from "./gen/coupon/v1/coupon_service_pb.js";

const protocols = { connect: createConnectTransport, "grpc-web": createGrpcWebTransport };
const gzip = {
  acceptCompression: [compressionGzip],
  sendCompression: compressionGzip,
  compressMinBytes: 0,
};
const identity = { acceptCompression: [] };

export const forms = Object.keys(protocols).flatMap((protocol) => [
  { name: `${protocol} default`, protocol, options: {} },
  ...[true, false].flatMap((useBinaryFormat) =>
    [gzip, identity].map((compression) => ({
      name: `${protocol} ${useBinaryFormat ? "binary" : "json"} ${compression === gzip ? "gzip" : "identity"}`,
      protocol,
      gzip: compression === gzip,
      options: { useBinaryFormat, ...compression },
    })),
  ),
]);

export function clientOf(form, baseUrl, more = {}) {
  return createClient(
    CouponService,
    protocols[form.protocol]({ baseUrl, httpVersion: "1.1", ...form.options, ...more }),
  );
}

// The forms of a transport, as in node/forms.mjs, without compression, which the browser handles itself.
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { CouponService } from "./gen/coupon/v1/coupon_service_pb.js";

const protocols = { connect: createConnectTransport, "grpc-web": createGrpcWebTransport };

export const forms = Object.keys(protocols).flatMap((protocol) =>
  [true, false].map((useBinaryFormat) => ({
    name: `${protocol} ${useBinaryFormat ? "binary" : "json"}`,
    protocol,
    options: { useBinaryFormat },
  })),
);

export function clientOf(form, baseUrl, more = {}, service = CouponService) {
  return createClient(service, protocols[form.protocol]({ baseUrl, ...form.options, ...more }));
}

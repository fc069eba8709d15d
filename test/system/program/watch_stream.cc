#include "system/program/watch_stream.h"

#include <cstddef>
#include <stdexcept>

#include "rpc/connect/envelope.h"

namespace coupond::test {

std::string WatchRequest(const std::string& campaign, std::string_view headers) {
  coupon::v1::WatchCampaignRequest request;
  request.set_campaign_id(campaign);
  return WatchRequest(request, headers);
}

std::string WatchRequest(const coupon::v1::WatchCampaignRequest& request,
                         std::string_view headers) {
  std::string body;
  connect::AppendEnvelope(0, request.SerializeAsString(), body);
  return "POST /coupon.v1.CouponService/WatchCampaign HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Type: application/connect+proto\r\n" +
         std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

Watched ReadWatched(const HttpReply& reply) {
  Watched watched;
  std::string_view body = reply.body;
  while (body.size() >= connect::kEnvelopeHeadBytes && watched.end.empty()) {
    std::size_t length = 0;
    for (const char c : body.substr(1, 4)) length = length << 8 | static_cast<unsigned char>(c);
    const std::string message(body.substr(connect::kEnvelopeHeadBytes).substr(0, length));
    if (body.front() == connect::kConnectEndFlag) {
      watched.end = message;
    } else if (!watched.messages.emplace_back().ParseFromString(message)) {
      throw std::runtime_error("not a message");
    }
    body.remove_prefix(connect::kEnvelopeHeadBytes + length);
  }
  if (!body.empty() || watched.end.empty()) throw std::runtime_error("not a whole stream");
  return watched;
}

}  // namespace coupond::test

#ifndef COUPOND_TEST_SYSTEM_PROGRAM_WATCH_STREAM_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_WATCH_STREAM_H_

#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "system/program/http_client.h"

namespace coupond::test {

/// WatchCampaign as it goes over the wire, with these header lines besides.
[[nodiscard]] std::string WatchRequest(const coupon::v1::WatchCampaignRequest& request,
                                       std::string_view headers = "");
[[nodiscard]] std::string WatchRequest(const std::string& campaign, std::string_view headers = "");

/// A stream that was read to its end.
struct Watched {
  std::vector<coupon::v1::WatchCampaignResponse> messages;
  std::string end;  ///< the JSON of the last envelope
};

/// What the body of a whole answer holds. Throws if it is not a stream that ended properly.
[[nodiscard]] Watched ReadWatched(const HttpReply& reply);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_WATCH_STREAM_H_

#ifndef COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_REQUEST_H_
#define COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_REQUEST_H_

#include <cstdint>
#include <string>

#include "engine/rules/timestamp.h"

/// Requests that change a campaign, and what they are answered.
namespace coupond::test {

enum class CampaignRequestKind : std::uint8_t {
  kSetTotal,
  kSetEnd,  ///< to a time that does not come during a run, or to none
  kPause,   ///< its issuing
  kResume,
  kArchive,
  kUnarchive,
};

/// A request that may be repeated as it is.
struct CampaignRequest {
  CampaignRequestKind kind = CampaignRequestKind::kSetTotal;
  std::string campaign;  ///< the name
  std::string id;
  std::string request_id;
  std::int64_t total_coupons = 0;  ///< with kSetTotal
  Timestamp end_time = kNever;     ///< with kSetEnd
  bool is_retry = false;           ///< the outcome of the same request before is unknown
};

enum class CampaignReply : std::uint8_t {
  kDone,
  kUnchanged,    ///< it was so already
  kBelowIssued,  ///< refused, because more coupons have been issued
  kNoSuchCampaign,
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_REQUEST_H_

#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"

/// The requests that clients of one server made and the replies they received.
namespace coupond::test {

namespace api = coupon::v1;

/// One command as its client saw it.
struct Operation {
  using Clock = std::chrono::steady_clock;
  using Request =
      std::variant<api::CreateCampaignRequest, api::IssueCouponRequest, api::DeleteCampaignRequest,
                   api::BatchIssueCouponsRequest, api::RedeemCouponRequest,
                   api::CancelRedemptionRequest, api::VoidCouponRequest, api::UpdateCampaignRequest,
                   api::PauseCampaignRequest, api::ResumeCampaignRequest,
                   api::ArchiveCampaignRequest, api::UnarchiveCampaignRequest>;
  /// The response to the request, or the refusal that was answered as an error.
  using Reply =
      std::variant<api::CreateCampaignResponse, api::IssueCouponResponse,
                   api::DeleteCampaignResponse, api::BatchIssueCouponsResponse,
                   api::RedeemCouponResponse, api::CancelRedemptionResponse,
                   api::VoidCouponResponse, api::UpdateCampaignResponse, api::PauseCampaignResponse,
                   api::ResumeCampaignResponse, api::ArchiveCampaignResponse,
                   api::UnarchiveCampaignResponse, api::RefusalDetail>;

  std::size_t client = 0;
  Clock::time_point start;  ///< before the first byte was sent
  Clock::time_point end;    ///< after the last byte was read
  Request request;
  Reply reply;
  /// The reply is that of an earlier request with the same request_id, although it does not say so;
  /// set by MarkRepeats.
  bool repeats = false;
  /// What an error tells beside its reason, by name (ErrorInfo.metadata).
  std::map<std::string, std::string> facts = {};
};

/// In any order. Every command that the server decided is in it, because each event needs its
/// cause.
using History = std::vector<Operation>;

/// Finds the replies that repeat an earlier one: cancelations, voids and updates with the same
/// request_id and sequence. The first of each is taken for the event, the others are marked.
void MarkRepeats(History& history);

/// Returns the sequence in the reply, if it has one.
[[nodiscard]] std::optional<std::uint64_t> SequenceOf(const Operation& operation);
/// Reports whether the reply announces an event, such as a creation, a new coupon or a batch.
[[nodiscard]] bool IsEvent(const Operation& operation);
/// Returns the sequence of the last event that a reply with a sequence announces: a batch is
/// followed by its coupons. Without an event it is the reply's.
[[nodiscard]] std::uint64_t LastSequenceOf(const Operation& operation);
/// Reports whether the reply repeats that of an earlier request, with its sequence.
[[nodiscard]] bool IsRepeated(const Operation& operation);
/// Returns a text for people, such as "client 3, issue …: sold out, sequence 40".
[[nodiscard]] std::string Describe(const Operation& operation);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_

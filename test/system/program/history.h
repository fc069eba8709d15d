#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "coupon/v1/admin_service.pb.h"
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
                   api::ArchiveCampaignRequest, api::UnarchiveCampaignRequest,
                   api::EraseUserRequest>;
  /// The response to the request, or the refusal that was answered as an error.
  using Reply =
      std::variant<api::CreateCampaignResponse, api::IssueCouponResponse,
                   api::DeleteCampaignResponse, api::BatchIssueCouponsResponse,
                   api::RedeemCouponResponse, api::CancelRedemptionResponse,
                   api::VoidCouponResponse, api::UpdateCampaignResponse, api::PauseCampaignResponse,
                   api::ResumeCampaignResponse, api::ArchiveCampaignResponse,
                   api::UnarchiveCampaignResponse, api::EraseUserResponse, api::RefusalDetail>;

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
  /// The events of an erasure, in the order of the log; set by TakeErasures (history_erasures.h).
  std::vector<api::Event> erasures = {};
};

/// In any order. Every command that the server decided is in it, because each event needs its
/// cause.
using History = std::vector<Operation>;

/// The sequence of the log's first event, StoreCreated.
inline constexpr std::uint64_t kFirstSequence = 1;

/// What the log tells of erasures, and what it still shows of users. The answer to an erasure names
/// only the last of its events.
struct ErasureLog {
  std::vector<api::Event> erased;  ///< user.erased, in the order of the log
  /// The sequences of which readers of events are told nothing: those of the store's own records,
  /// of batches, and of the notes that what was erased is in no file any more.
  std::set<std::uint64_t> untold;
  /// By code: the user_id that coupon.issued shows, empty if it shows none.
  std::map<std::string, std::string> users;
};

/// Returns what all events tell of erasures and of users; `end` is the sequence after the last one
/// of the log.
[[nodiscard]] ErasureLog ErasuresOf(const std::vector<api::Event>& events, std::uint64_t end);

/// Finds the replies that repeat an earlier one: cancelations, voids and updates with the same
/// request_id and sequence. The first of each is taken for the event, the others are marked.
void MarkRepeats(History& history);

/// Returns the sequence in the reply, if it has one; of an erasure's events, the first one's.
[[nodiscard]] std::optional<std::uint64_t> SequenceOf(const Operation& operation);
/// Reports whether the reply announces an event, such as a creation, a new coupon or a batch.
[[nodiscard]] bool IsEvent(const Operation& operation);
/// Returns the sequence of the last event that a reply with a sequence announces: a batch is
/// followed by its coupons, and an erasure may have several. Without an event it is the reply's.
[[nodiscard]] std::uint64_t LastSequenceOf(const Operation& operation);
/// Reports whether the reply repeats that of an earlier request, with its sequence.
[[nodiscard]] bool IsRepeated(const Operation& operation);
/// Returns a text for people, such as "client 3, issue …: sold out, sequence 40".
[[nodiscard]] std::string Describe(const Operation& operation);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_H_

#ifndef COUPOND_API_BATCHES_BATCH_READER_H_
#define COUPOND_API_BATCHES_BATCH_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "api/campaign_queries.h"
#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/campaign.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"

namespace coupond::api {

/// What a batch that was carried out before issued.
struct CarriedOutBatch {
  std::optional<Campaign> campaign = {};  ///< always there once it has been read
  std::vector<CouponRow> coupons = {};    ///< as they are now, in the order of their issue
  Timestamp time = {};                    ///< at which they are in their states
  /// The places in `coupons`, by what their users are recognised by: their request keys, or
  /// holders.
  std::unordered_map<Claim, std::size_t> by_claim = {};
  bool by_request_key = false;
};

/// Reads what a batch issued, a piece at a time: which coupons, from the log; what has become of
/// them, from the views.
///
/// Used on the query thread, one call after another. The log and the clock, which is the engine's
/// (Engine::clock), must outlive it.
class BatchReader {
 public:
  /// `batch` is the sequence of the BatchIssued of a batch of this campaign.
  BatchReader(const LogReader& log, const Clock& clock, const CampaignId& campaign, Sequence batch)
      : log_(log), clock_(clock), campaign_id_(campaign), sequence_(batch) {}

  /// Reads some more. Returns whether that was all, or that the campaign does not exist any more.
  [[nodiscard]] Found<bool> ReadSome(const ViewStore& views);

  /// Returns what was read, once all of it was.
  [[nodiscard]] CarriedOutBatch Take() { return std::move(batch_); }

 private:
  /// Finds out which coupons they are.
  [[nodiscard]] Status ReadLog();
  [[nodiscard]] Result<bool> ReadCoupons(const ViewStore& views, std::size_t limit);

  const LogReader& log_;
  const Clock& clock_;
  const CampaignId campaign_id_;
  const Sequence sequence_;
  std::vector<Serial> serials_;  // of all its coupons
  CarriedOutBatch batch_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_BATCHES_BATCH_READER_H_

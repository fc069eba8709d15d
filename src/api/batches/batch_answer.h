#ifndef COUPOND_API_BATCHES_BATCH_ANSWER_H_
#define COUPOND_API_BATCHES_BATCH_ANSWER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/batches/batch_mapping.h"
#include "api/batches/batch_reader.h"
#include "api/dispatcher.h"
#include "base/slots.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/decide.h"
#include "engine/rules/ids.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// A batch while it is decided and answered.
struct AskedBatch {
  CampaignId campaign;
  std::vector<BatchUser> users;  ///< none if its coupons have no users
  std::shared_ptr<const BatchResults> results;
  std::optional<Slots::Slot> slot = {};  ///< of a large one, until it is answered
};

/// The answer to a batch, made a part at a time from what is held here. Immutable: any thread.
class BatchAnswer {
 public:
  /// The answer to a batch that was decided, and not refused as a whole.
  BatchAnswer(AskedBatch asked, const CouponCodec& codec);
  /// The answer to a batch that was carried out before. Its coupons are shown as they are now, and
  /// are new or not as they were then. A user who got none is shown the coupon that the user has
  /// now (already_issued), or that the limit is reached; or REFUSAL_SOLD_OUT, if the user could get
  /// a coupon now but there was none then.
  BatchAnswer(AskedBatch asked, CarriedOutBatch before, const CouponCodec& codec);

  /// Sets the fields that are not repeated.
  void SetHead(const Reply& reply, coupon::v1::BatchIssueCouponsResponse& response) const;

  /// Returns the number of the field that has the elements: coupons or results.
  [[nodiscard]] int field_number() const;
  [[nodiscard]] std::size_t elements() const;
  /// Appends the elements first … end - 1.
  void Append(std::size_t first, std::size_t end,
              coupon::v1::BatchIssueCouponsResponse& response) const;

 private:
  /// A user's coupon of a batch that was carried out before.
  struct Issued {
    std::size_t place = 0;  ///< in before_->coupons
    bool is_new = false;    ///< the first time that the batch names the user who got it
  };

  void SetResult(std::size_t index, coupon::v1::BatchIssueResult& result) const;
  void SetIssued(std::size_t place, coupon::v1::Coupon& coupon) const;
  void SetHeld(std::size_t index, coupon::v1::Coupon& coupon) const;

  const AskedBatch asked_;
  const std::string campaign_id_;
  const CouponCodec& codec_;
  std::size_t issued_ = 0;
  std::optional<CarriedOutBatch> before_;
  std::vector<std::optional<Issued>> issued_to_;  // with before_: to each user
};

/// Makes the elements of a long answer on the query thread, a part at a time, so that neither the
/// worker nor a query waits for long. Worker's thread; the dispatcher must outlive it.
class BatchParts final : public connect::PartSource {
 public:
  /// `first` is the first element that is not yet in the answer.
  BatchParts(Dispatcher& dispatcher, std::shared_ptr<const BatchAnswer> answer, std::size_t first)
      : dispatcher_(dispatcher), answer_(std::move(answer)), next_(first) {}

  void Next(const connect::EncodePart& encode, Deliver deliver) override;

 private:
  Dispatcher& dispatcher_;
  const std::shared_ptr<const BatchAnswer> answer_;
  std::size_t next_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_BATCHES_BATCH_ANSWER_H_

#ifndef COUPOND_API_BATCHES_BATCH_METHODS_H_
#define COUPOND_API_BATCHES_BATCH_METHODS_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "api/batches/batch_answer.h"
#include "api/batches/batch_mapping.h"
#include "api/batches/batch_reader.h"
#include "api/dispatcher.h"
#include "base/error.h"
#include "base/slots.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// The requests of BatchIssueCoupons may have this size, which is that of 10,000 long ids.
inline constexpr std::size_t kBatchRequestBytesMax = 2 * 1024 * 1024;
/// How many values they may have: enough that a request with somewhat too many users is read, and
/// refused as too large a batch.
inline constexpr std::size_t kBatchRequestValuesMax = 40'000;
/// How many users a worker digests in one turn, which takes it less than a millisecond.
inline constexpr std::size_t kUsersMappedPerTurn = 250;
/// How many batches of more than kFirstPageCoupons coupons may be in progress at a time, from the
/// request to the end of its answer: each of them holds a few megabytes.
inline constexpr std::size_t kLargeBatchesMax = 32;

/// BatchIssueCoupons, on one worker. An operator's command: what refuses it as a whole is an error.
///
/// A batch that was carried out before is answered from the log, which says what it issued, with
/// the coupons as the views show them now.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation and the executor's last task.
class BatchMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const Engine& engine;
    const CouponCodec& codec;
    const CodeKey& code_key;
    Slots& slots;  ///< of large batches
  };

  BatchMethods(Dispatcher& dispatcher, http::Executor& executor, const Shared& shared)
      : dispatcher_(dispatcher), executor_(executor), shared_(shared), claims_(shared.code_key) {}

  void BatchIssueCoupons(const coupon::v1::BatchIssueCouponsRequest& request, Call call);

 private:
  /// A batch whose users are being mapped.
  struct Asking {
    BatchMapping mapping;
    std::optional<Slots::Slot> slot;
    Call call;
  };

  /// Maps some of the users, and the others in later turns of the worker; then submits the batch.
  void MapUsers(std::unique_ptr<Asking> asking);
  void Answer(AskedBatch asked, const Result<Reply>& reply, Call call);
  /// Reads what the batch issued when it was carried out, in as many queries as it takes, and
  /// answers.
  void AnswerRepeated(std::shared_ptr<BatchReader> reader, AskedBatch asked, const Reply& reply,
                      Call call);
  void Finish(std::shared_ptr<const BatchAnswer> answer, const Reply& reply, Call call);

  Dispatcher& dispatcher_;
  http::Executor& executor_;
  const Shared shared_;
  ClaimDigest claims_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_BATCHES_BATCH_METHODS_H_

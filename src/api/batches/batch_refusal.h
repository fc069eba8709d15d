#ifndef COUPOND_API_BATCHES_BATCH_REFUSAL_H_
#define COUPOND_API_BATCHES_BATCH_REFUSAL_H_

#include "api/batches/batch_answer.h"
#include "engine/rules/refusal.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/error.h"

namespace coupond::api {

/// Returns the error for a batch that was refused as a whole, as `reply` says: what RefusalError
/// returns, and since when or until when the refusal holds, or which users it is about. Any thread.
[[nodiscard]] connect::Error BatchRefusalError(const Refusal& refusal, const Reply& reply,
                                               const AskedBatch& asked);

}  // namespace coupond::api

#endif  // COUPOND_API_BATCHES_BATCH_REFUSAL_H_

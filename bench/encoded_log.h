#ifndef COUPOND_BENCH_ENCODED_LOG_H_
#define COUPOND_BENCH_ENCODED_LOG_H_

#include <string>

#include "engine/ports/event_log.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"

namespace coupond::bench {

/// A log that encodes and seals every group as the log on disk does, and then forgets it. What is
/// measured with it is the program's own work, without RocksDB and the disk. One thread.
class EncodedLog final : public EventLog {
 public:
  [[nodiscard]] LogTip Tip() const override { return tip_; }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    tip_ = storage::TipOf(group, codec_.Write(group, tip_.hash, record_));
    return {};
  }
  /// Visits nothing. Only a log without groups can be read.
  [[nodiscard]] Status Read(GroupNumber /*first*/, const Visitor& /*visit*/) const override {
    return {};
  }

 private:
  storage::EventCodec codec_;
  std::string record_;  // kept, so that its memory is reused
  LogTip tip_;
};

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_ENCODED_LOG_H_

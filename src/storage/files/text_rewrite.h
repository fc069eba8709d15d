#ifndef COUPOND_STORAGE_FILES_TEXT_REWRITE_H_
#define COUPOND_STORAGE_FILES_TEXT_REWRITE_H_

#include <atomic>
#include <functional>
#include <memory>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/files/file_rewrite.h"

namespace coupond::storage {

/// The rewriting of a database's files because of an erasure, from one attempt to the next. One
/// thread.
class TextRewrite {
 public:
  /// Goes on with the rewriting for the erasures up to this one, or begins it with what `make`
  /// returns. Returns what FileRewrite::Continue does.
  [[nodiscard]] Result<bool> Continue(Sequence erasure, const std::atomic<bool>& stop,
                                      const std::function<std::unique_ptr<FileRewrite>()>& make) {
    if (rewrite_ == nullptr || erasure_ != erasure) rewrite_ = make();
    erasure_ = erasure;
    const Result<bool> gone = rewrite_->Continue(stop);
    if (gone && *gone) rewrite_.reset();
    return gone;
  }

 private:
  Sequence erasure_;
  std::unique_ptr<FileRewrite> rewrite_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_TEXT_REWRITE_H_

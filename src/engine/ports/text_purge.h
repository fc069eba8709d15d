#ifndef COUPOND_ENGINE_PORTS_TEXT_PURGE_H_
#define COUPOND_ENGINE_PORTS_TEXT_PURGE_H_

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace coupond {

/// Where the texts of erased users are.
struct TextPlaces {
  Sequence erasure = {};                 ///< of the last of the erasures
  std::vector<GroupNumber> groups = {};  ///< in the log; ascending
  /// Of the coupons, also if they are deleted; ascending.
  std::vector<CampaignNumber> campaigns = {};
};

/// Removes the texts of erased users from the bytes of the store. Decisions and the log's hashes do
/// not depend on them.
///
/// Threads: one at a time, beside those of the log and the views.
class TextPurge {
 public:
  virtual ~TextPurge() = default;

  /// Hides the texts of these coupons' users from whoever reads the log in this process.
  virtual void Hide(std::span<const Serial> coupons) = 0;
  /// Ends that, because there is no text left to hide.
  virtual void Forget(std::span<const Serial> coupons) = 0;

  /// Removes all texts that are hidden, and those that the views have lost, from the files of the
  /// log and the views. Takes as long as rewriting the files that have them. Returns false if
  /// somebody still reads files as they were before, which keeps them: call it again later. If no
  /// erasure has come since, that rewrites nothing again. Gives up soon after `stop` becomes true
  /// (kUnavailable). Other errors: the files could not be rewritten.
  [[nodiscard]] virtual Result<bool> Purge(const TextPlaces& places,
                                           const std::atomic<bool>& stop) = 0;

  /// Returns the paths of copies of the store that may have the texts, and that nothing here
  /// changes: backups, and what repairs have put aside.
  [[nodiscard]] virtual std::vector<std::string> FindCopies() const = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_TEXT_PURGE_H_

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
  /// Campaigns of the coupons, deleted ones included; ascending.
  std::vector<CampaignNumber> campaigns = {};
};

/// Removes the texts of erased users from the bytes of the store. Decisions and the log's hashes do
/// not depend on them.
///
/// Threads: one at a time, beside those of the log and the views.
class TextPurge {
 public:
  virtual ~TextPurge() = default;

  /// Hides the texts of these coupons' users from all readers of the log in this process.
  virtual void Hide(std::span<const Serial> coupons) = 0;
  /// Stops hiding them, because no text is left.
  virtual void Forget(std::span<const Serial> coupons) = 0;

  /// Removes all hidden texts, and those that the views no longer have, from the files of the log
  /// and the views. Takes as long as rewriting the files that contain them. Returns false if a
  /// reader still holds the old files, which keeps them: call it again later. If no erasure has
  /// come since, that call does not rewrite them again. Gives up soon after `stop` becomes true
  /// (kUnavailable). Other errors: the files could not be rewritten.
  [[nodiscard]] virtual Result<bool> Purge(const TextPlaces& places,
                                           const std::atomic<bool>& stop) = 0;

  /// Returns the paths of copies of the store that may have the texts and are not changed here:
  /// backups, and what repairs have put aside.
  [[nodiscard]] virtual std::vector<std::string> FindCopies() const = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_TEXT_PURGE_H_

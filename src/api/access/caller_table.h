#ifndef COUPOND_API_ACCESS_CALLER_TABLE_H_
#define COUPOND_API_ACCESS_CALLER_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "access/key_ring.h"
#include "api/access/caller.h"

namespace coupond::api {

/// Finds whose key a text is, in a table of one thread's own: looking shares no memory with other
/// threads until the keys are exchanged.
class CallerTable {
 public:
  /// The keys must outlive this.
  explicit CallerTable(const access::KeyRing& ring) : ring_(ring) {}

  /// Returns the caller whose key this is, or null. The key may be revoked or expired.
  [[nodiscard]] std::shared_ptr<const Caller> Find(std::string_view key_text);
  /// Returns the caller that Find would return now for the text of a key that it has found before,
  /// or null.
  [[nodiscard]] std::shared_ptr<const Caller> FindAgain(const access::Key& key);

 private:
  /// Makes the table again if the keys have been exchanged.
  void Refresh();

  const access::KeyRing& ring_;
  std::uint64_t version_ = 0;  ///< of the keys in the table
  std::unordered_map<KeyId, std::shared_ptr<const Caller>> callers_;
  // Back ends send the same key all the time, so the last good one is kept, with its caller.
  std::string last_text_;
  std::shared_ptr<const Caller> last_caller_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_CALLER_TABLE_H_

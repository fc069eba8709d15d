#ifndef COUPOND_COUPOND_KEPT_ACCESS_H_
#define COUPOND_COUPOND_KEPT_ACCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/key_ring.h"
#include "api/access/entry_token.h"
#include "base/error.h"
#include "coupond/watched_file.h"

namespace coupond {

/// Where the things come from that decide who may call.
struct AccessFiles {
  std::string keys;  ///< the access keys; empty: anyone who reaches the server may do everything
  std::string entry_token_key;  ///< empty: there are no entry tokens
  api::EntryTokenAlgorithm entry_token_algorithm = api::EntryTokenAlgorithm::kHs256;
};

/// The access keys of a server, and the key of its entry tokens. Their files are read again when
/// they change. A file that cannot be read changes nothing: what was read before stays. Logs what
/// it does. One thread.
class KeptAccess {
 public:
  /// Reads the files. The error names the one at fault.
  [[nodiscard]] static Result<std::unique_ptr<KeptAccess>> Open(const AccessFiles& files);

  /// Returns null if there are none.
  [[nodiscard]] const access::KeyRing* keys() const { return keys_ ? &*keys_ : nullptr; }
  [[nodiscard]] const api::EntryTokens* entry_tokens() const {
    return entry_tokens_ ? &*entry_tokens_ : nullptr;
  }

  /// Reads the files again.
  void Reload();
  /// Reads those again that have changed.
  void ReloadIfChanged();

 private:
  explicit KeptAccess(const AccessFiles& files)
      : entry_token_algorithm_(files.entry_token_algorithm),
        keys_source_{.path = files.keys},
        entry_token_source_{.path = files.entry_token_key} {}

  /// A file and what came of reading it last.
  struct Source {
    std::string path;
    FileMark mark = {};          ///< none if it should be read again as soon as it is there
    std::string complaint = {};  ///< what was wrong with it; empty if nothing was
  };

  [[nodiscard]] Status ReadKeys();
  [[nodiscard]] Status ReadEntryTokenKey();
  /// Reads a file again with `read`. Says what is wrong with it once.
  void ReloadOne(Source& source, std::string_view name, Status (KeptAccess::*read)());

  const api::EntryTokenAlgorithm entry_token_algorithm_;
  Source keys_source_;
  Source entry_token_source_;
  std::optional<access::KeyRing> keys_;
  std::optional<api::EntryTokens> entry_tokens_;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_KEPT_ACCESS_H_

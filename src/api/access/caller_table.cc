#include "api/access/caller_table.h"

#include <optional>

namespace coupond::api {

void CallerTable::Refresh() {
  const std::uint64_t version = ring_.version();
  if (version == version_) return;
  const access::KeyRing::Keys keys = ring_.keys();
  callers_.clear();
  for (const access::Key& key : *keys) {
    callers_.emplace(key.id, std::make_shared<const Caller>(key));
  }
  last_text_.clear();
  last_caller_ = nullptr;
  version_ = version;
}

std::shared_ptr<const Caller> CallerTable::Find(std::string_view key_text) {
  Refresh();
  if (last_caller_ && access::AreEqual(last_text_, key_text)) return last_caller_;
  const std::optional<access::KeyText> key = access::ParseKeyText(key_text);
  if (!key) return nullptr;
  const access::SecretHash hash = access::HashOf(key->secret);
  const auto found = callers_.find(key->id);
  // An id that no key has takes as long as a wrong secret.
  static constexpr access::SecretHash kNobodys{};
  const bool known = found != callers_.end();
  const bool right =
      access::AreEqual(hash, known ? found->second->key().secret_hash : kNobodys) && known;
  if (!right || found->second->role() != key->role) return nullptr;
  last_text_ = key_text;
  last_caller_ = found->second;
  return last_caller_;
}

std::shared_ptr<const Caller> CallerTable::FindAgain(const access::Key& key) {
  Refresh();
  const auto found = callers_.find(key.id);
  if (found == callers_.end()) return nullptr;
  const access::Key& present = found->second->key();
  // The text has the secret and the role.
  if (present.secret_hash != key.secret_hash || present.role != key.role) return nullptr;
  return found->second;
}

}  // namespace coupond::api

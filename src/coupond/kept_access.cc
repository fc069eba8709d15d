#include "coupond/kept_access.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>
#include <utility>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/unreadable_file.h"
#include "coupond/logging.h"

namespace coupond {
namespace {

/// More than any key has.
constexpr std::size_t kEntryTokenFileBytesMax = 16 * 1'024;

void LogCount(const std::vector<access::Key>& keys) {
  const auto revoked = static_cast<std::size_t>(
      std::ranges::count_if(keys, [](const access::Key& key) { return key.revoked.has_value(); }));
  LoggerOf("access").info("access keys: {} ({} revoked)", keys.size(), revoked);
  if (keys.size() == revoked) {
    LoggerOf("access").warn("no client can call: make a key with `couponctl keys new`");
  }
}

Error Unreadable(const std::string& path) {
  return {ErrorCode::kIo,
          "cannot read the key of entry tokens in " + path + ": " + WhyUnreadable(path)};
}

Result<std::string> ReadFile(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::unexpected(Unreadable(path));
  std::ifstream file(path, std::ios::binary);
  std::string text(kEntryTokenFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || !file.is_open()) return std::unexpected(Unreadable(path));
  if (text.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + " is empty; it has no key of entry tokens");
  }
  if (text.size() > kEntryTokenFileBytesMax) {
    return MakeError(ErrorCode::kInvalidArgument, path + " is too large for a key of entry tokens");
  }
  return text;
}

/// Anyone who knows the secret can make entry tokens for any user.
void WarnIfOthersMayRead(const std::string& path) {
  using std::filesystem::perms;
  std::error_code ignored;
  const perms mode = std::filesystem::status(path, ignored).permissions();
  if (ignored || (mode & perms::others_read) == perms::none) return;
  LoggerOf("access").warn(
      "everybody on this machine may read the secret {}; restrict it: chmod 600 {}", path, path);
}

}  // namespace

Result<std::unique_ptr<KeptAccess>> KeptAccess::Open(const AccessFiles& files) {
  std::unique_ptr<KeptAccess> access(new KeptAccess(files));
  if (!files.keys.empty()) TRY(access->ReadKeys());
  if (!files.entry_token_key.empty()) TRY(access->ReadEntryTokenKey());
  return access;
}

Status KeptAccess::ReadKeys() {
  const std::string& path = keys_source_.path;
  keys_source_.mark = MarkOf(path);
  std::vector<access::Key> keys = TRY(access::ReadKeysFile(path));
  TRY(CheckIsStill(path, keys_source_.mark));
  if (keys_) {
    keys_->Replace(std::move(keys));
  } else {
    keys_.emplace(std::move(keys));
  }
  // Who reads this may count on them.
  LogCount(*keys_->keys());
  return {};
}

Status KeptAccess::ReadEntryTokenKey() {
  const std::string& path = entry_token_source_.path;
  entry_token_source_.mark = MarkOf(path);
  const std::string contents = TRY(ReadFile(path));
  TRY(CheckIsStill(path, entry_token_source_.mark));
  if (entry_token_algorithm_ == api::EntryTokenAlgorithm::kHs256) WarnIfOthersMayRead(path);
  auto key = api::EntryTokenKey::FromFile(entry_token_algorithm_, contents);
  if (!key) return MakeError(key.error().code, path + ": " + key.error().message);
  if (entry_tokens_) {
    entry_tokens_->Replace(*std::move(key));
  } else {
    entry_tokens_.emplace(*std::move(key));
  }
  return {};
}

void KeptAccess::ReloadOne(Source& source, std::string_view name, Status (KeptAccess::*read)()) {
  const Status done = (this->*read)();
  if (done) {
    LoggerOf("access").info("read {} again", name);
    source.complaint.clear();
    return;
  }
  // What may pass is tried again.
  if (done.error().code == ErrorCode::kIo) source.mark = {};
  if (std::exchange(source.complaint, done.error().message) == done.error().message) return;
  LogError(done.error(), "access");
  LoggerOf("access").warn("{}: what was read before still holds", name);
}

void KeptAccess::Reload() {
  if (keys_) ReloadOne(keys_source_, "the keys file", &KeptAccess::ReadKeys);
  if (entry_tokens_) {
    ReloadOne(entry_token_source_, "the key of entry tokens", &KeptAccess::ReadEntryTokenKey);
  }
}

void KeptAccess::ReloadIfChanged() {
  if (keys_ && MarkOf(keys_source_.path) != keys_source_.mark) {
    ReloadOne(keys_source_, "the keys file", &KeptAccess::ReadKeys);
  }
  if (entry_tokens_ && MarkOf(entry_token_source_.path) != entry_token_source_.mark) {
    ReloadOne(entry_token_source_, "the key of entry tokens", &KeptAccess::ReadEntryTokenKey);
  }
}

}  // namespace coupond

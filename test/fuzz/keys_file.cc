// The file of access keys, and keys as clients send them. A file that was read is read back equal
// from what would be written, and each refusal names its line.
#include "access/keys_file.h"

#include <set>
#include <string>
#include <string_view>

#include "access/key.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"

namespace coupond::fuzz {
namespace {

void CheckFile(std::string_view text) {
  const auto keys = access::ParseKeys(text);
  if (!keys) {
    return Require(keys.error().message.starts_with("line "), "a refusal names the line",
                   keys.error().message);
  }
  std::string written;
  std::set<KeyId> ids;
  for (const access::Key& key : *keys) {
    written += access::FormatKey(key);
    Require(ids.insert(key.id).second, "each id is there once", written);
  }
  Require(access::ParseKeys(written) == *keys, "keys are read back equal", written);
}

void CheckKey(std::string_view text) {
  const auto key = access::ParseKeyText(text);
  if (!key) return;
  const std::string again = "ck_" + std::string(access::RoleName(key->role)) + "_" +
                            FormatKeyId(key->id) + "_" + std::string(key->secret);
  Require(again == text, "a key is spelt in one way", again);
}

}  // namespace

void FuzzKeysFile(std::string_view bytes) {
  Input input(bytes);
  if (input.Choose(2) == 0) return CheckFile(input.rest());
  CheckKey(input.rest());
}

}  // namespace coupond::fuzz

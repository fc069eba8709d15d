#ifndef COUPOND_ACCESS_KEYS_FILE_H_
#define COUPOND_ACCESS_KEYS_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "access/key.h"
#include "base/error.h"
#include "engine/rules/timestamp.h"

/// The file that holds a server's keys: TOML (https://toml.io), a table for each key.
///
///   [[key]]
///   id = "k3v7x2ma"
///   role = "issuer"
///   campaigns = ["123e4567-e89b-42d3-a456-426614174000"]  # left out: all
///   created = 2026-11-30T17:05:00Z
///   expires = 2027-02-28T17:05:00Z                         # left out: never
///   revoked = 2026-12-24T08:00:00Z                         # left out: not revoked
///   note = "the shop's back end"
///   secret_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
///
/// People may edit it: comments and order are kept. It is read as a whole or not at all. It has no
/// secret that could be used, but anyone who may write it can make keys.
namespace coupond::access {

inline constexpr std::size_t kKeysMax = 10'000;
inline constexpr std::size_t kKeysFileBytesMax = 8 * 1'024 * 1'024;

/// Reads the text of a keys file. The error is kInvalidArgument, and says the line and what would
/// be right.
[[nodiscard]] Result<std::vector<Key>> ParseKeys(std::string_view text);

/// Reads a keys file. The error is kInvalidArgument if its content is wrong or if others than its
/// owner and group may write it, and kIo if it cannot be read. It names the file.
[[nodiscard]] Result<std::vector<Key>> ReadKeysFile(const std::string& path);

/// Returns the key's table, as it stands in a file.
[[nodiscard]] std::string FormatKey(const Key& key);

/// Adds the key to the end of the file, which is created, for its owner only, if it does not exist.
/// A file that cannot be read as a keys file is left alone. The key is on disk afterwards.
[[nodiscard]] Status AppendKey(const std::string& path, const Key& key);

/// Marks the key as revoked at `time`, in the file, which is replaced at once as a whole and keeps
/// its owner, group and mode. Revoking again changes nothing. The error is kInvalidArgument if
/// there is no key of that id.
[[nodiscard]] Status RevokeKey(const std::string& path, KeyId id, Timestamp time);

}  // namespace coupond::access

#endif  // COUPOND_ACCESS_KEYS_FILE_H_

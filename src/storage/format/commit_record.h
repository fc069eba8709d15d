#ifndef COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_
#define COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/event_log.h"

/// The bytes of one commit group in the log: its number as the key; 32 bytes of hash and then the
/// payload as the value.
///
/// hash = SHA-256(hash of the group before ‖ payload), and 32 zero bytes stand before the first
/// group. So one hash vouches for the whole log up to its group. Pure functions, any thread.
namespace coupond::storage {

inline constexpr std::size_t kHashBytes = sizeof(GroupHash);

/// Returns the key of a group in the log: its number, 8 bytes, the highest first.
[[nodiscard]] std::string LogKey(GroupNumber group);

/// Returns the group whose key this is, or nullopt if it is no group's.
[[nodiscard]] std::optional<GroupNumber> ParseLogKey(std::string_view key);

/// A record taken apart; the payload lies within the bytes that were parsed.
struct CommitRecord {
  GroupHash hash{};
  std::string_view payload;
};

/// Returns the hash of a group with this payload that follows on a group with hash `previous`.
[[nodiscard]] GroupHash ChainHash(const GroupHash& previous, std::string_view payload);

/// Fills in and returns the hash of a record that consists of kHashBytes of anything and the
/// payload.
GroupHash SealRecord(const GroupHash& previous, std::string& record);

/// Takes a record apart. Does not check the hash, for which the one before is needed.
/// kLogUndecodable if it is too short.
[[nodiscard]] Result<CommitRecord> ParseRecord(std::string_view bytes);

/// Returns 64 hexadecimal digits, for messages and files.
[[nodiscard]] std::string FormatHash(const GroupHash& hash);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

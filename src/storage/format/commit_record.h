#ifndef COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_
#define COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/event_log.h"

/// The bytes of one commit group in the log: its number as the key; as the value 32 bytes of hash,
/// 4 bytes with the payload's size, the highest first, the payload, and the holders: the texts of
/// the users who got coupons.
///
/// hash = SHA-256(hash of the group before ‖ payload), and 32 zero bytes stand before the first
/// group. So one hash vouches for the whole log up to its group, but for the holders, whose texts
/// may be erased: digests in the payload vouch for these. Pure functions, any thread.
namespace coupond::storage {

/// Which bytes a record consists of. In format 1, which is only read, the payload follows the hash
/// and takes up the rest.
enum class RecordFormat : std::uint8_t { k1 = 1, k2 = 2 };

inline constexpr std::size_t kHashBytes = sizeof(GroupHash);
inline constexpr std::size_t kPayloadSizeBytes = 4;
/// What is before the payload.
inline constexpr std::size_t kRecordHeadBytes = kHashBytes + kPayloadSizeBytes;

/// Returns the key of a group in the log: its number, 8 bytes, the highest first.
[[nodiscard]] std::string LogKey(GroupNumber group);

/// Returns the group whose key this is, or nullopt if it is no group's.
[[nodiscard]] std::optional<GroupNumber> ParseLogKey(std::string_view key);

/// A record taken apart; its parts lie within the bytes that were parsed.
struct CommitRecord {
  GroupHash hash{};
  std::string_view payload;
  std::string_view holders;  ///< empty in format 1
};

/// Returns the hash of a group with this payload that follows on a group with hash `previous`.
[[nodiscard]] GroupHash ChainHash(const GroupHash& previous, std::string_view payload);

/// Fills in the head of a record that consists of kRecordHeadBytes of anything, the payload and the
/// holders. Returns the hash.
GroupHash SealRecord(const GroupHash& previous, std::size_t payload_bytes, std::string& record);

/// Takes a record apart. Does not check the hash, for which the one before is needed.
/// kLogUndecodable if it is too short.
[[nodiscard]] Result<CommitRecord> ParseRecord(std::string_view bytes,
                                               RecordFormat format = RecordFormat::k2);

/// Returns 64 hexadecimal digits, for messages and files.
[[nodiscard]] std::string FormatHash(const GroupHash& hash);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

#ifndef COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_
#define COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/commit_group.h"

/// The bytes of one commit group in the log: 32 bytes of hash, then the payload.
///
/// hash = SHA-256(hash of the group before ‖ payload), and 32 zero bytes stand before the first
/// group. So one hash vouches for the whole log up to its group. Pure functions, any thread.
namespace coupond::storage {

inline constexpr std::size_t kHashBytes = sizeof(GroupHash);

/// A record taken apart; the payload lies within the bytes that were parsed.
struct CommitRecord {
  GroupHash hash{};
  std::string_view payload;
};

[[nodiscard]] GroupHash ChainHash(const GroupHash& previous, std::string_view payload);

/// `record` is kHashBytes of anything, then the payload. Fills in the hash, and returns it.
GroupHash SealRecord(const GroupHash& previous, std::string& record);

/// Does not check the hash: that takes the one before. kLogUndecodable when too short.
[[nodiscard]] Result<CommitRecord> ParseRecord(std::string_view bytes);

/// 64 hexadecimal digits, for messages and files.
[[nodiscard]] std::string FormatHash(const GroupHash& hash);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_COMMIT_RECORD_H_

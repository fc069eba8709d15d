#ifndef COUPOND_BASE_ERROR_H_
#define COUPOND_BASE_ERROR_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace coupond {

/// What can go wrong outside the rules. Each has a name that operators and tests can hold on to.
enum class ErrorCode : std::uint8_t {
  kIo,                  ///< a read or write failed; the message says which
  kNoSpace,             ///< the disk is full
  kDataDirectoryInUse,  ///< another process holds the data directory
  kNotADataDirectory,   ///< the directory holds something else, or its format file is gone
  kFormatUnsupported,   ///< written by a newer version
  kLogMissing,          ///< the store existed, but its log is gone
  kLogDamaged,          ///< the storage engine could not read the log
  kLogChainBroken,      ///< a group's hash does not follow from the group before it
  kLogGap,              ///< a group or sequence number is missing or out of order
  kLogUndecodable,      ///< the bytes are intact, but not a commit group this version knows
  kLogBehindWatermark,  ///< the log ends before what was acknowledged
  kWatermarkMissing,    ///< the watermark file is gone
  kWatermarkDamaged,    ///< the watermark file cannot be read
  kFileLost,            ///< somebody else deleted, moved or shortened a file that is in use
  kViewsDamaged,        ///< the views cannot be read; deleting them loses nothing
  kBackupExists,        ///< there is a backup of that name; none is ever written over
  kCannotListen,        ///< the address cannot be listened on
  kSystemLimit,         ///< the system allows too few files or threads
  kClockImplausible,    ///< the machine's clock shows a year that cannot be right
  kLibraryUnsupported,  ///< a library is not of the version that the program is made for
  kInvalidArgument,     ///< the caller asked for something that makes no sense
  kUnavailable,         ///< stopping, fenced, or too busy
};

/// "log_behind_watermark" and so on, for messages and tests.
[[nodiscard]] std::string_view ErrorCodeName(ErrorCode code);

/// An operating error: what went wrong, where, and what to do about it, in words for an operator.
struct Error {
  ErrorCode code;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
/// Nothing, or an error. Must be looked at.
using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> MakeError(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace coupond

/// Returns the value of an expected, or leaves the enclosing function with its error, which the
/// function's own expected must be able to hold:
///
///   const std::string text = TRY(ReadSmallFile(path));
///   TRY(SyncDirectory(directory));
///
/// A statement expression, which g++ and clang have. It is a whole statement, the whole right side
/// of one, or the whole head of an if or for: leaving from within an argument list would leak what
/// a `new` has allocated for it, and g++ destroys none of the other arguments.
#define TRY(expression)                                      \
  ({                                                         \
    auto try_result = (expression);                          \
    if (!try_result) [[unlikely]]                            \
      return std::unexpected(std::move(try_result).error()); \
    *std::move(try_result);                                  \
  })

#endif  // COUPOND_BASE_ERROR_H_

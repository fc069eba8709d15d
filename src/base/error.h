#ifndef COUPOND_BASE_ERROR_H_
#define COUPOND_BASE_ERROR_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace coupond {

/// The operating errors. Each has a name that operators and tests can rely on; docs/OPERATIONS.md
/// lists those that can stop a start.
enum class ErrorCode : std::uint8_t {
  kIo,                  ///< a read or write failed; the message says which
  kNoSpace,             ///< the disk is full
  kDataDirectoryInUse,  ///< another process has locked the data directory
  kNotADataDirectory,   ///< the directory contains something else, or its format file is gone
  kIsBackup,            ///< a backup, which must be restored to another directory before its use
  kFormatUnsupported,   ///< written by a newer version, or by an older one and not upgraded
  kLogMissing,          ///< the store existed, but its log is gone
  kLogDamaged,          ///< the storage engine could not read the log
  kLogChainBroken,      ///< a group's hash does not follow from the group before it
  kLogGap,              ///< a group or sequence number is missing or out of order
  kLogUndecodable,      ///< the bytes are intact, but not a commit group this version knows
  kLogBehindWatermark,  ///< the log ends before what was acknowledged
  kWatermarkMissing,    ///< the watermark file is gone
  kWatermarkDamaged,    ///< the watermark file cannot be read
  kFileLost,            ///< another program deleted, moved or shortened a file in use
  kViewsDamaged,        ///< the views cannot be read; deleting them loses nothing
  kBackupExists,        ///< a backup of that name exists; backups are never overwritten
  kSerialsExhausted,    ///< the store has too few serials left to be put back once more
  kCannotListen,        ///< the server cannot listen on the address
  kSystemLimit,         ///< the system allows too few files or threads
  kClockImplausible,    ///< the year on the machine's clock cannot be right
  kClockAhead,          ///< two clocks differ, and an operator must say which is right
  kLibraryUnsupported,  ///< a library does not have the version that the program requires
  kInvalidArgument,     ///< an argument that cannot be meant
  kUnavailable,         ///< stopping
  kOverloaded,          ///< too busy for the moment; nothing was done
  kFenced,              ///< a write has failed, so nothing more is written; nothing was done
  kOutcomeUnknown,      ///< a write has failed; this may be on disk or not
};

/// Returns the name of the code, such as "log_behind_watermark".
[[nodiscard]] std::string_view ErrorCodeName(ErrorCode code);

/// An operating error. The message tells an operator what went wrong, where, and what to do about
/// it.
struct Error {
  ErrorCode code;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
/// Success without a value, or an error.
using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> MakeError(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

/// Returns the message of the exception being handled. Call only inside a catch block.
[[nodiscard]] std::string DescribeThrown();

}  // namespace coupond

/// Evaluates to the value of an expected, or returns its error from the enclosing function, whose
/// own expected must be able to hold that error:
///
///   const std::string text = TRY(ReadSmallFile(path));
///   TRY(SyncDirectory(directory));
///
/// This is a statement expression, an extension of g++ and clang. Use it as a whole statement, as
/// the whole right side of one, or as the whole head of an if or for: leaving from within an
/// argument list would leak what a `new` has allocated for it, and g++ destroys none of the other
/// arguments.
#define TRY(expression)                                      \
  ({                                                         \
    auto try_result = (expression);                          \
    if (!try_result) [[unlikely]]                            \
      return std::unexpected(std::move(try_result).error()); \
    *std::move(try_result);                                  \
  })

#endif  // COUPOND_BASE_ERROR_H_

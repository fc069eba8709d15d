#include "base/error.h"

#include <exception>

namespace coupond {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kNoSpace:
      return "no_space";
    case ErrorCode::kDataDirectoryInUse:
      return "data_directory_in_use";
    case ErrorCode::kNotADataDirectory:
      return "not_a_data_directory";
    case ErrorCode::kIsBackup:
      return "is_backup";
    case ErrorCode::kFormatUnsupported:
      return "format_unsupported";
    case ErrorCode::kLogMissing:
      return "log_missing";
    case ErrorCode::kLogDamaged:
      return "log_damaged";
    case ErrorCode::kLogChainBroken:
      return "log_chain_broken";
    case ErrorCode::kLogGap:
      return "log_gap";
    case ErrorCode::kLogUndecodable:
      return "log_undecodable";
    case ErrorCode::kLogBehindWatermark:
      return "log_behind_watermark";
    case ErrorCode::kWatermarkMissing:
      return "watermark_missing";
    case ErrorCode::kWatermarkDamaged:
      return "watermark_damaged";
    case ErrorCode::kFileLost:
      return "file_lost";
    case ErrorCode::kViewsDamaged:
      return "views_damaged";
    case ErrorCode::kBackupExists:
      return "backup_exists";
    case ErrorCode::kSerialsExhausted:
      return "serials_exhausted";
    case ErrorCode::kCannotListen:
      return "cannot_listen";
    case ErrorCode::kSystemLimit:
      return "system_limit";
    case ErrorCode::kClockImplausible:
      return "clock_implausible";
    case ErrorCode::kClockAhead:
      return "clock_ahead";
    case ErrorCode::kLibraryUnsupported:
      return "library_unsupported";
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kOverloaded:
      return "overloaded";
    case ErrorCode::kFenced:
      return "fenced";
    case ErrorCode::kOutcomeUnknown:
      return "outcome_unknown";
  }
  return "unknown";
}

std::string DescribeThrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown kind";
  }
}

}  // namespace coupond

#ifndef COUPOND_BASE_CSV_H_
#define COUPOND_BASE_CSV_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace coupond {

/// Returns one record of comma-separated values (RFC 4180), with its CR and LF. A field with a
/// comma, a quote or a line break is quoted, and quotes in it are doubled.
[[nodiscard]] std::string CsvRecord(std::initializer_list<std::string_view> fields);

/// Returns the text so that no spreadsheet takes it for a formula (CWE-1236): with an apostrophe
/// before it if it begins with one of = + - @, with one of their full-width forms, or with a tab or
/// a line break. For cells of free text only, because it would spoil a negative number.
[[nodiscard]] std::string UnlessFormula(std::string_view text);

/// The byte order mark, which tells Excel that a file is UTF-8.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace coupond

#endif  // COUPOND_BASE_CSV_H_

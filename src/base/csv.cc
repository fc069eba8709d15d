#include "base/csv.h"

#include <algorithm>
#include <array>

namespace coupond {
namespace {

void AppendField(std::string& record, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    record += field;
    return;
  }
  record += '"';
  for (const char character : field) {
    if (character == '"') record += '"';
    record += character;
  }
  record += '"';
}

}  // namespace

std::string UnlessFormula(std::string_view text) {
  constexpr std::array<std::string_view, 11> kBeginnings = {"=",  "+",  "-",  "@",  "\t", "\r",
                                                            "\n", "＝", "＋", "－", "＠"};
  const bool formula = std::ranges::any_of(
      kBeginnings, [text](std::string_view beginning) { return text.starts_with(beginning); });
  return (formula ? "'" : "") + std::string(text);
}

std::string CsvRecord(std::initializer_list<std::string_view> fields) {
  std::string record;
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) record += ',';
    first = false;
    AppendField(record, field);
  }
  record += "\r\n";
  return record;
}

}  // namespace coupond

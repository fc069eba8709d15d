#include "rpc/connect/idempotency_key.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/display_text.h"
#include "rpc/connect/protocol.h"

namespace coupond::connect {
namespace {

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

bool MayBeBare(char c) { return IsPrintable(c) && !std::string_view(" \",;\\").contains(c); }

/// Returns the string in quotes, or nullopt if it is malformed.
std::optional<std::string> ReadString(std::string_view value) {
  std::string key;
  for (std::size_t i = 1; i < value.size(); ++i) {
    // Nothing may follow the closing quote.
    if (value[i] == '"') return i + 1 == value.size() ? std::optional(key) : std::nullopt;
    if (value[i] == '\\') {
      ++i;
      if (i == value.size() || (value[i] != '"' && value[i] != '\\')) return std::nullopt;
    }
    if (!IsPrintable(value[i])) return std::nullopt;
    key.push_back(value[i]);
  }
  return std::nullopt;
}

}  // namespace

std::string JoinedIdempotencyKeys(const http::Request& request) {
  std::string joined;
  for (const http::HeaderField& field : request.headers) {
    if (!EqualsIgnoringCase(field.name, kIdempotencyKeyHeader)) continue;
    if (!joined.empty()) joined.append(", ");
    joined.append(field.value);
  }
  return joined;
}

std::expected<std::string, Error> ReadIdempotencyKey(std::string_view value) {
  value = Trimmed(value);
  std::optional<std::string> key;
  if (value.starts_with('"')) {
    key = ReadString(value);
  } else if (std::ranges::all_of(value, MayBeBare)) {
    key = std::string(value);
  }
  if (key && !key->empty()) return *std::move(key);
  return BadHeader(kIdempotencyKeyHeader,
                   "Idempotency-Key must be one key in double quotes, such as "
                   "\"order-4711\", not " +
                       (value.empty() ? "empty" : Quoted(value)));
}

}  // namespace coupond::connect

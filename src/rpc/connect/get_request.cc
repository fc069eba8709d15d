#include "rpc/connect/get_request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/error.h"
#include "base/hex.h"
#include "rpc/connect/protocol.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_format.h"
#include "rpc/json/unknown_fields.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kVersion = "v1";

constexpr int kHttpOk = 200;
constexpr int kHttpNotModified = 304;
constexpr int kHttpErrorMin = 400;

struct Row {
  std::string_view name;
  std::optional<std::string> GetParameters::* value;
};

constexpr std::array kRows = {
    Row{"message", &GetParameters::message}, Row{"encoding", &GetParameters::encoding},
    Row{"base64", &GetParameters::base64},   Row{"compression", &GetParameters::compression},
    Row{"connect", &GetParameters::connect},
};

/// Returns the byte of an escape such as %2F at the front of the text, or nullopt if there is none.
std::optional<char> EscapedByte(std::string_view text) {
  if (text.size() < 3 || text.front() != '%') return std::nullopt;
  const auto high = HexDigitValue(text[1]);
  const auto low = HexDigitValue(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

/// Decodes '+' as a space and %XX as a byte. A '%' that begins no such escape is kept.
std::string PercentDecoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto byte = EscapedByte(text.substr(i))) {
      out.push_back(*byte);
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

/// Removes the first name=value pair from the query and returns it, not decoded.
std::string_view TakePair(std::string_view& query) {
  const std::string_view pair = query.substr(0, query.find('&'));
  query.remove_prefix(std::min(pair.size() + 1, query.size()));
  return pair;
}

std::string_view NameOf(std::string_view pair) { return pair.substr(0, pair.find('=')); }

/// Fails for a name that is not in kRows, unless it may be ignored.
std::expected<void, Error> CheckUnknown(std::string_view name, const Strictness& strictness) {
  const std::string folded = FoldedName(name);
  const bool is_similar =
      std::ranges::any_of(kRows, [&](const Row& row) { return folded == row.name; });
  if (!is_similar && !strictness.refuses_unknown) return {};
  std::array<std::string_view, kRows.size()> known;
  std::ranges::transform(kRows, known.begin(), &Row::name);
  return BadQuery(QuotedName(name) + ": unknown parameter" + NameAdvice(name, known));
}

bool IsCacheControl(const std::pair<std::string, std::string>& field) {
  return EqualsIgnoringCase(field.first, "Cache-Control");
}

std::string TagOf(std::string_view body) {
  return "\"" + std::to_string(std::hash<std::string_view>()(body)) + "-" +
         std::to_string(body.size()) + "\"";
}

bool Lists(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    std::string_view listed = TakeUntil(',', tags);
    if (listed == "*") return true;
    // Tags are compared weakly: a W/ before one does not matter.
    if (listed.starts_with("W/")) listed.remove_prefix(2);
    if (listed == tag) return true;
  }
  return false;
}

}  // namespace

std::vector<QueryParameter> ReadQuery(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty()) {
    const std::string_view pair = TakePair(query);
    if (pair.empty()) continue;
    const std::string_view name = NameOf(pair);
    parameters.push_back(
        {.name = PercentDecoded(name),
         .value = PercentDecoded(pair.substr(std::min(name.size() + 1, pair.size())))});
  }
  return parameters;
}

std::unexpected<Error> BadQuery(std::string message) {
  return MakeError(Code::kInvalidArgument, std::move(message), "QUERY_INVALID");
}

GetParameters ReadGetParameters(std::string_view query) {
  GetParameters parameters;
  for (QueryParameter& parameter : ReadQuery(query)) {
    const auto row = std::ranges::find(kRows, parameter.name, &Row::name);
    if (row == kRows.end()) {
      parameters.unknown.push_back(std::move(parameter.name));
    } else if (auto& value = parameters.*row->value; !value) {
      value = std::move(parameter.value);
    }
  }
  return parameters;
}

std::optional<Codec> CodecOf(const GetParameters& parameters) {
  if (parameters.encoding == "json") return Codec::kJson;
  if (parameters.encoding == "proto") return Codec::kProto;
  return std::nullopt;
}

std::expected<GetRequest, Error> ReadGetRequest(GetParameters parameters,
                                                const Strictness& strictness) {
  for (const std::string& name : parameters.unknown) TRY(CheckUnknown(name, strictness));
  if (parameters.connect && *parameters.connect != kVersion) {
    return BadQuery("the parameter connect must be \"v1\", not " + Quoted(*parameters.connect));
  }
  if (!parameters.message) {
    return BadQuery("the parameter message is missing; for an empty message, leave it empty");
  }
  const std::string base64 = parameters.base64.value_or("");
  if (base64 != "1" && base64 != "0" && !base64.empty()) {
    return BadQuery("the parameter base64 must be \"1\" for a message in base64, not " +
                    Quoted(base64));
  }
  GetRequest request;
  if (parameters.compression && !parameters.compression->empty()) {
    request.compression =
        TRY(ReadCompression("the parameter compression", *parameters.compression));
  }
  if (base64 == "1") {
    auto message = DecodeBase64(*parameters.message);
    if (!message) {
      return BadQuery("the parameter message is not base64, as base64=1 says it is");
    }
    request.message = *std::move(message);
  } else {
    request.message = *std::move(parameters.message);
  }
  return request;
}

std::expected<void, Error> CheckNoParameters(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = TakePair(query);
    if (pair.empty()) continue;
    return BadQuery(QuotedName(PercentDecoded(NameOf(pair))) +
                    ": unknown parameter; the fields of a POST go into its body");
  }
  return {};
}

void AddCacheHeaders(http::Response& answer) {
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (std::ranges::none_of(answer.headers, IsCacheControl)) {
    answer.headers.emplace_back("Cache-Control", "no-cache");
  }
}

void ForbidKeepingErrors(http::Response& answer) {
  if (answer.status < kHttpErrorMin) return;
  std::erase_if(answer.headers, IsCacheControl);
  answer.headers.emplace_back("Cache-Control", "no-store");
}

void AddEntityTag(std::string_view if_none_match, http::Response& answer) {
  if (answer.status != kHttpOk) return;
  std::string tag = TagOf(answer.body);
  if (Lists(if_none_match, tag)) {
    answer.status = kHttpNotModified;
    answer.body.clear();
    answer.content_type = {};
  }
  answer.headers.emplace_back("ETag", std::move(tag));
}

}  // namespace coupond::connect

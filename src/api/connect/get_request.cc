#include "api/connect/get_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "api/connect/base64.h"
#include "api/connect/call_headers.h"
#include "api/connect/json_text.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kVersion = "v1";
constexpr std::size_t kQuotedBytesMax = 40;

struct Row {
  std::string_view name;
  std::optional<std::string> GetParameters::* value;
};

constexpr std::array kRows = {
    Row{"message", &GetParameters::message}, Row{"encoding", &GetParameters::encoding},
    Row{"base64", &GetParameters::base64},   Row{"compression", &GetParameters::compression},
    Row{"connect", &GetParameters::connect},
};

/// '+' is a blank, %XX a byte; a '%' with something else behind it stays as it is.
std::string PercentDecoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

GetParameters ReadGetParameters(std::string_view query) {
  GetParameters parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t name_bytes = std::min(pair.find('='), pair.size());
    const std::string name = PercentDecoded(pair.substr(0, name_bytes));
    for (const Row& row : kRows) {
      if (name != row.name || (parameters.*row.value).has_value()) continue;
      parameters.*row.value = PercentDecoded(pair.substr(std::min(name_bytes + 1, pair.size())));
    }
  }
  return parameters;
}

std::optional<Codec> CodecOf(const GetParameters& parameters) {
  if (parameters.encoding == "json") return Codec::kJson;
  if (parameters.encoding == "proto") return Codec::kProto;
  return std::nullopt;
}

std::expected<GetRequest, Error> ReadGetRequest(GetParameters parameters) {
  if (parameters.connect && *parameters.connect != kVersion) {
    return MakeError(Code::kInvalidArgument, "the parameter connect must be \"v1\", not \"" +
                                                 Clip(*parameters.connect, kQuotedBytesMax) + "\"");
  }
  if (!parameters.message) {
    return MakeError(Code::kInvalidArgument,
                     "the parameter message is missing; an empty one is an empty message");
  }
  GetRequest request;
  if (parameters.compression && !parameters.compression->empty()) {
    auto compression = ReadCompression("the parameter compression", *parameters.compression);
    if (!compression) return std::unexpected(std::move(compression.error()));
    request.compression = *compression;
  }
  if (parameters.base64 == "1") {
    auto message = DecodeBase64(*parameters.message);
    if (!message)
      return MakeError(Code::kInvalidArgument,
                       "the parameter message is not base64, as base64=1 says it is");
    request.message = *std::move(message);
  } else {
    request.message = *std::move(parameters.message);
  }
  return request;
}

}  // namespace coupond::connect

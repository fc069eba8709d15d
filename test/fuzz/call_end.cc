// Reads how a call ended: from the last message of an answer, or from an error that is the whole
// answer.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "connect/status/v1/status.pb.h"
#include "fuzz/call_answer.h"
#include "fuzz/invariant.h"
#include "rpc/connect/error.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_document.h"

namespace coupond::fuzz {
namespace {

using connect::JsonDocument;
using connect::JsonKind;

constexpr int kCodeMax = 16;

void ForEachMember(const JsonDocument& document, std::uint32_t object,
                   const std::function<void(std::string_view key, std::uint32_t value)>& member) {
  Require(document.At(object).kind == JsonKind::kObject, "it is an object");
  for (std::uint32_t key = object + 1; key < document.At(object).end;) {
    const std::uint32_t value = key + 1;
    member(document.At(key).text, value);
    key = document.At(value).end;
  }
}

void ForEachElement(const JsonDocument& document, std::uint32_t array,
                    const std::function<void(std::uint32_t element)>& element) {
  Require(document.At(array).kind == JsonKind::kArray, "it is an array");
  for (std::uint32_t place = array + 1; place < document.At(array).end;
       place = document.At(place).end) {
    element(place);
  }
}

std::string_view StringAt(const JsonDocument& document, std::uint32_t place) {
  Require(document.At(place).kind == JsonKind::kString, "it is a string");
  return document.At(place).text;
}

void CheckDetail(const JsonDocument& document, std::uint32_t detail) {
  int members = 0;
  ForEachMember(document, detail, [&](std::string_view key, std::uint32_t value) {
    if (key == "debug") {
      return Require(document.At(value).kind == JsonKind::kObject, "what people read is a message");
    }
    ++members;
    const std::string_view text = StringAt(document, value);
    if (key == "type") return Require(!text.empty(), "a detail has a type");
    Require(key == "value", "a detail has a type, a value and its debug form", key);
    Require(connect::DecodeBase64(text).has_value(), "a detail's value is base64", text);
  });
  Require(members == 2, "a detail has both a type and a value");
}

void CheckError(const JsonDocument& document, std::uint32_t error) {
  bool has_code = false;
  ForEachMember(document, error, [&](std::string_view key, std::uint32_t value) {
    if (key == "details") {
      return ForEachElement(document, value,
                            [&](std::uint32_t detail) { CheckDetail(document, detail); });
    }
    const std::string_view text = StringAt(document, value);
    if (key == "message") return;
    Require(key == "code", "an error has a code, a message and details", key);
    Require(connect::CodeByName(text).has_value(), "an error's code is known", text);
    has_code = true;
  });
  Require(has_code, "an error has a code");
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    Require(text[i] >= ' ' && text[i] <= '~', "grpc-message is printable ASCII", text);
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    Require(error == std::errc() && end == digits.data() + 2, "%XX is a byte", text);
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

int StatusIn(std::string_view text) {
  int status = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  Require(
      error == std::errc() && end == text.data() + text.size() && status >= 0 && status <= kCodeMax,
      "grpc-status is from 0 to 16", text);
  return status;
}

bool IsName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

void CheckErrorJson(std::string_view json) {
  JsonDocument document;
  Require(document.Parse(json).has_value(), "an error is JSON", json);
  CheckError(document, 0);
}

bool CheckConnectEnd(std::string_view json) {
  JsonDocument document;
  Require(document.Parse(json).has_value(), "the end of a stream is JSON", json);
  bool ended_well = true;
  ForEachMember(document, 0, [&](std::string_view key, std::uint32_t value) {
    if (key == "error") {
      ended_well = false;
      return CheckError(document, value);
    }
    Require(key == "metadata", "the end of a stream has an error and metadata", key);
    ForEachMember(document, value, [&](std::string_view, std::uint32_t values) {
      ForEachElement(document, values,
                     [&](std::uint32_t text) { static_cast<void>(StringAt(document, text)); });
    });
  });
  return ended_well;
}

bool CheckGrpcWebTrailers(std::string_view trailers) {
  std::optional<int> status;
  std::optional<std::string> message;
  std::optional<connect::status::v1::Status> details;
  while (!trailers.empty()) {
    const std::size_t end = trailers.find("\r\n");
    Require(end != std::string_view::npos, "each trailer has a line of its own", trailers);
    const std::string_view line = trailers.substr(0, end);
    trailers.remove_prefix(end + 2);
    Require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
            "a trailer is one line", line);
    const std::size_t colon = line.find(": ");
    Require(colon != std::string_view::npos, "a trailer has a name and a value", line);
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 2);
    Require(IsName(name), "a trailer's name is in lower case", line);
    if (name == "grpc-status") {
      Require(!status, "there is one grpc-status");
      status = StatusIn(value);
    } else if (name == "grpc-message") {
      Require(!message, "there is at most one grpc-message");
      message = PercentDecoded(value);
    } else if (name == "grpc-status-details-bin") {
      const auto bytes = connect::DecodeBase64(value);
      Require(!details && bytes && details.emplace().ParseFromString(*bytes),
              "the details are one status", line);
    }
  }
  Require(status.has_value(), "there is a grpc-status");
  Require(*status != 0 || (!message && !details), "what ended well has no error");
  if (details) {
    Require(details->code() == *status, "the details are of the same code");
    Require(details->message().empty() || details->message() == message,
            "the details have the same message", details->message());
  }
  return *status == 0;
}

}  // namespace coupond::fuzz

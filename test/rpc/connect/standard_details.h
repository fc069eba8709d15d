#ifndef COUPOND_TEST_RPC_CONNECT_STANDARD_DETAILS_H_
#define COUPOND_TEST_RPC_CONNECT_STANDARD_DETAILS_H_

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/status/v1/status.pb.h"
#include "google/rpc/error_details.pb.h"
#include "rpc/connect/error.h"
#include "rpc/connect/error_details.h"
#include "rpc/json/base64.h"

namespace coupond::connect {

/// An error's details as clients read them.
struct ReadDetails {
  std::vector<std::string> types;
  std::string reason;
  std::string domain;
  std::map<std::string, std::string> facts;
  std::string field;
  std::string description;
  std::optional<std::chrono::milliseconds> retry_delay;
};

inline void ReadDetail(std::string_view type, const std::string& value, ReadDetails& read) {
  read.types.emplace_back(type);
  if (type == "google.rpc.ErrorInfo") {
    google::rpc::ErrorInfo info;
    EXPECT_TRUE(info.ParseFromString(value));
    EXPECT_TRUE(read.reason.empty()) << "an error has one ErrorInfo";
    read.reason = info.reason();
    read.domain = info.domain();
    for (const auto& fact : info.metadata()) read.facts[fact.key()] = fact.value();
  } else if (type == "google.rpc.BadRequest") {
    google::rpc::BadRequest bad;
    EXPECT_TRUE(bad.ParseFromString(value));
    EXPECT_EQ(bad.field_violations_size(), 1);
    read.field = bad.field_violations(0).field();
    read.description = bad.field_violations(0).description();
  } else if (type == "google.rpc.RetryInfo") {
    google::rpc::RetryInfo retry;
    EXPECT_TRUE(retry.ParseFromString(value));
    read.retry_delay = std::chrono::milliseconds(retry.retry_delay().seconds() * 1'000 +
                                                 retry.retry_delay().nanos() / 1'000'000);
  }
}

/// Reads the error of a Connect answer, or of the end of its stream.
inline ReadDetails DetailsInJson(std::string_view json) {
  ReadDetails read;
  const boost::json::value parsed = boost::json::parse(json);
  const boost::json::object* error = &parsed.as_object();
  if (const auto* inside = error->if_contains("error")) error = &inside->as_object();
  const auto* details = error->if_contains("details");
  if (details == nullptr) return read;
  for (const boost::json::value& detail : details->as_array()) {
    const auto value = DecodeBase64(std::string_view(detail.at("value").as_string()));
    EXPECT_TRUE(value);
    EXPECT_TRUE(detail.at("debug").is_object()) << json;
    ReadDetail(std::string_view(detail.at("type").as_string()), value.value_or(""), read);
  }
  return read;
}

/// Reads the trailers of gRPC-Web.
inline ReadDetails DetailsInTrailers(std::string_view trailers) {
  ReadDetails read;
  constexpr std::string_view kName = "grpc-status-details-bin: ";
  const std::size_t start = trailers.find(kName);
  if (start == std::string_view::npos) return read;
  std::string_view encoded = trailers.substr(start + kName.size());
  encoded = encoded.substr(0, encoded.find("\r\n"));
  status::v1::Status status;
  EXPECT_TRUE(status.ParseFromString(DecodeBase64(encoded).value_or("?")));
  for (const auto& any : status.details()) {
    constexpr std::string_view kPrefix = "type.googleapis.com/";
    EXPECT_TRUE(any.type_url().starts_with(kPrefix));
    ReadDetail(any.type_url().substr(kPrefix.size()), any.value(), read);
  }
  return read;
}

/// Returns the details that the error has when it is answered.
inline ReadDetails DetailsOf(Error error, std::string_view domain = "test") {
  AddStandardDetails(domain, error);
  return DetailsInJson(ErrorJson(error));
}

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_CONNECT_STANDARD_DETAILS_H_

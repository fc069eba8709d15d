#ifndef COUPOND_TEST_API_MAPPING_EXPECTATIONS_H_
#define COUPOND_TEST_API_MAPPING_EXPECTATIONS_H_

#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "api/mapped.h"

namespace coupond::api {

/// Checks that the mapping failed as invalid, with a message that begins with `beginning`.
template <typename T>
void ExpectInvalid(const Mapped<T>& mapped, const char* beginning) {
  ASSERT_FALSE(mapped);
  EXPECT_EQ(mapped.error().code, connect::Code::kInvalidArgument);
  EXPECT_THAT(mapped.error().message, testing::StartsWith(beginning));
}

inline google::protobuf::Timestamp TimeMessage(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

inline google::protobuf::Duration DurationMessage(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Duration message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_MAPPING_EXPECTATIONS_H_

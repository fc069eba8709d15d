#ifndef COUPOND_API_TIMESTAMP_FIELD_H_
#define COUPOND_API_TIMESTAMP_FIELD_H_

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

#include "base/protobuf_fields.h"
#include "base/time_text.h"

namespace coupond::api {

/// Appends a field of type google.protobuf.Timestamp, as protobuf itself writes it.
inline void AppendTimestampField(int field_number, UtcTime time, std::string& out) {
  using google::protobuf::Timestamp;
  std::string fields;
  protobuf::AppendNumber(Timestamp::kSecondsFieldNumber, static_cast<std::uint64_t>(time.seconds),
                         fields);
  protobuf::AppendNumber(Timestamp::kNanosFieldNumber, static_cast<std::uint64_t>(time.nanoseconds),
                         fields);
  protobuf::AppendBytes(field_number, fields, out);
}

}  // namespace coupond::api

#endif  // COUPOND_API_TIMESTAMP_FIELD_H_

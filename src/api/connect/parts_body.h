#ifndef COUPOND_API_CONNECT_PARTS_BODY_H_
#define COUPOND_API_CONNECT_PARTS_BODY_H_

#include <expected>
#include <memory>
#include <string>

#include "api/connect/unary.h"

/// A response in parts as the body of an HTTP answer.
namespace coupond::connect {

/// What the parts of one answer have in common.
struct PartsFormat {
  Codec codec = Codec::kProto;
  std::shared_ptr<const JsonFormat> json;
  int repeated_field_number = 0;
};

/// The bytes before the first part: all of the message, in JSON with the repeated field last and
/// open.
[[nodiscard]] EncodedPart EncodeFirstPart(const PartsFormat& format,
                                          const google::protobuf::Message& first);

/// The body after EncodeFirstPart's bytes. `list_is_empty` says that `first` held no element.
[[nodiscard]] std::unique_ptr<http::BodySource> MakePartsBody(PartsFormat format,
                                                              bool list_is_empty,
                                                              std::unique_ptr<PartSource> parts);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_PARTS_BODY_H_

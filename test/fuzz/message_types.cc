#include "fuzz/message_types.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/message_differencer.h>

#include <array>

#include "coupon/v1/coupon_service.pb.h"
#include "coupond/api/v1/short_routes.pb.h"
#include "every_kind.pb.h"

namespace coupond::fuzz {
namespace {

using google::protobuf::Message;

/// Returns the bytes of a message, as deterministic as protobuf allows.
std::string Bytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

const MessageType& ChooseMessageType(Input& input) {
  static const std::array<MessageType, 10> types = {
      MessageType(coupon::v1::CreateCampaignRequest::default_instance()),
      MessageType(coupon::v1::GetCampaignRequest::default_instance()),
      MessageType(coupon::v1::IssueCouponRequest::default_instance()),
      MessageType(coupon::v1::DeleteCampaignRequest::default_instance()),
      MessageType(coupon::v1::ListCampaignsRequest::default_instance()),
      MessageType(coupon::v1::ListCouponsRequest::default_instance()),
      MessageType(api::v1::ShortCreateCampaignRequest::default_instance()),
      MessageType(connecttest::Everything::default_instance()),
      MessageType(coupon::v1::GetCampaignResponse::default_instance()),
      MessageType(coupon::v1::IssueCouponResponse::default_instance()),
  };
  return types[input.Choose(types.size())];
}

std::string DifferenceOf(const Message& a, const Message& b, FieldMasks masks) {
  // Comparing bytes is much faster, and sufficient for almost all equal messages.
  if (Bytes(a) == Bytes(b)) return {};
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  if (masks == FieldMasks::kIgnored) {
    differencer.IgnoreField(google::protobuf::FieldMask::descriptor()->FindFieldByName("paths"));
  }
  std::string report;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(a, b) ? "" : "differs: " + report;
}

}  // namespace coupond::fuzz

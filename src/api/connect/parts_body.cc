#include "api/connect/parts_body.h"

#include <google/protobuf/message.h>

#include <utility>

#include "api/connect/json_writer.h"

namespace coupond::connect {
namespace {

using google::protobuf::Message;

EncodedPart EncodeElements(const PartsFormat& format, const Message& part) {
  std::string bytes;
  if (format.codec == Codec::kProto) {
    if (!part.SerializeToString(&bytes)) return std::unexpected("too large");
    return bytes;
  }
  auto written = WriteJsonElements(*format.json, part, format.repeated_field_number, bytes);
  if (!written) return std::unexpected(std::move(written.error()));
  return bytes;
}

/// Encoded parts on their way into the body, in order. In JSON an encoded part has a comma before
/// each element, which is one too many before the very first.
class PartsJoint {
 public:
  PartsJoint(Codec codec, bool list_is_empty) : codec_(codec), list_is_empty_(list_is_empty) {}

  void Join(PartSource::Progress progress, std::string& bytes) {
    if (codec_ == Codec::kProto) return;
    if (list_is_empty_ && !bytes.empty()) {
      bytes.erase(0, 1);
      list_is_empty_ = false;
    }
    if (progress == PartSource::Progress::kEnd) bytes.append(kJsonListEnd);
  }

 private:
  Codec codec_;
  bool list_is_empty_;
};

class PartsBody final : public http::BodySource {
 public:
  PartsBody(PartsFormat format, bool list_is_empty, std::unique_ptr<PartSource> parts)
      : joint_(std::make_shared<PartsJoint>(format.codec, list_is_empty)),
        encode_([format = std::move(format)](const Message& part) {
          return EncodeElements(format, part);
        }),
        parts_(std::move(parts)) {}

  void Next(Deliver deliver) override {
    // The joint is shared, because a part may arrive when the connection has let go of its body.
    parts_->Next(encode_, [joint = joint_, deliver = std::move(deliver)](Progress progress,
                                                                         EncodedPart part) mutable {
      if (progress == Progress::kFailed || !part) {
        deliver(Progress::kFailed, {});
        return;
      }
      joint->Join(progress, *part);
      deliver(progress, *std::move(part));
    });
  }

 private:
  std::shared_ptr<PartsJoint> joint_;
  EncodePart encode_;
  std::unique_ptr<PartSource> parts_;
};

}  // namespace

EncodedPart EncodeFirstPart(const PartsFormat& format, const Message& first) {
  if (format.codec == Codec::kProto) return EncodeElements(format, first);
  std::string bytes;
  auto written = WriteJsonOpenList(*format.json, first, format.repeated_field_number, bytes);
  if (!written) return std::unexpected(std::move(written.error()));
  return bytes;
}

std::unique_ptr<http::BodySource> MakePartsBody(PartsFormat format, bool list_is_empty,
                                                std::unique_ptr<PartSource> parts) {
  return std::make_unique<PartsBody>(std::move(format), list_is_empty, std::move(parts));
}

}  // namespace coupond::connect

#include "rpc/json/any_type.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace coupond::connect {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr std::string_view kUrlPrefix = "type.googleapis.com/";

}  // namespace

AnyParts AnyPartsOf(const Message& any) {
  const Descriptor* type = any.GetDescriptor();
  return {any.GetReflection()->GetString(any, type->field(0)),
          any.GetReflection()->GetString(any, type->field(1))};
}

void SetAnyParts(const AnyParts& parts, Message& any) {
  const Descriptor* type = any.GetDescriptor();
  any.GetReflection()->SetString(&any, type->field(0), parts.type_url);
  any.GetReflection()->SetString(&any, type->field(1), parts.value);
}

std::unique_ptr<Message> MakeAnyContent(std::string_view type_url) {
  if (!type_url.starts_with(kUrlPrefix)) return nullptr;
  const std::string name(type_url.substr(kUrlPrefix.size()));
  const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) return nullptr;
  const Message* prototype = MessageFactory::generated_factory()->GetPrototype(type);
  if (prototype == nullptr) return nullptr;
  return std::unique_ptr<Message>(prototype->New());
}

}  // namespace coupond::connect

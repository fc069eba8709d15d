// Answers in parts: what a client gets parses as one message.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/connect/json_reader.h"
#include "api/connect/unary.h"
#include "every_kind.pb.h"
#include "fake_exchange.h"

namespace coupond::connect {
namespace {

using connecttest::Basket;
using Progress = PartSource::Progress;

/// Delivers the given parts one by one, the last one with the given progress.
class ListedParts final : public PartSource {
 public:
  ListedParts(std::vector<Basket> parts, Progress last) : parts_(std::move(parts)), last_(last) {}

  void Next(const EncodePart& encode, Deliver deliver) override {
    const Basket& part = parts_.at(next_++);
    const bool is_last = next_ == parts_.size();
    // Encoded on another thread, as a query thread would.
    EncodedPart encoded;
    std::thread([&encoded, &part, encode] { encoded = encode(part); }).join();
    deliver(is_last ? last_ : Progress::kMore, std::move(encoded));
  }

 private:
  std::vector<Basket> parts_;
  Progress last_;
  std::size_t next_ = 0;
};

Basket BasketOf(std::vector<std::string> codes) {
  Basket basket;
  for (std::string& code : codes) basket.add_items()->set_code(std::move(code));
  return basket;
}

/// The body that a client gets; nothing if the answer broke off.
std::optional<std::string> Body(Codec codec, const Basket& first, std::vector<Basket> parts,
                                Progress last = Progress::kEnd) {
  const auto exchange = std::make_shared<FakeExchange>();
  UnaryCall call(exchange, codec, std::make_shared<JsonFormat>(Basket::descriptor()), std::nullopt);
  call.FinishInParts(first, Basket::kItemsFieldNumber,
                     std::make_unique<ListedParts>(std::move(parts), last));
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_EQ(exchange->response().content_type, ContentTypeOf(codec));
  return exchange->WholeBody();
}

TEST(Parts, JsonHasTheRepeatedFieldLastAndOneCommaBetweenElements) {
  Basket first;
  first.set_owner("me");
  first.set_total(2);
  EXPECT_EQ(Body(Codec::kJson, first, {BasketOf({"a"}), BasketOf({"b"})}),
            R"({"owner":"me","total":2,"items":[{"code":"a"},{"code":"b"}]})");
}

TEST(Parts, ParseBackToTheWholeMessage) {
  const std::vector<std::vector<Basket>> splits = {
      {Basket()},
      {BasketOf({"a"})},
      {BasketOf({"a", "b"}), BasketOf({"c"})},
      {Basket(), BasketOf({"a"}), Basket(), BasketOf({"b", "c"}), Basket()},
  };
  for (Basket first : {BasketOf({}), BasketOf({"x"}), BasketOf({"x", "y"})}) {
    first.set_owner("me");
    first.set_total(9);
    for (const std::vector<Basket>& parts : splits) {
      Basket whole = first;
      for (const Basket& part : parts) whole.MergeFrom(part);

      Basket from_json;
      const auto json = Body(Codec::kJson, first, parts);
      ASSERT_TRUE(json.has_value());
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*json, &from_json).ok()) << *json;
      EXPECT_EQ(from_json.DebugString(), whole.DebugString());
      const JsonFormat format(Basket::descriptor());
      ASSERT_TRUE(ReadJson(format, *json, from_json).has_value()) << *json;

      Basket from_proto;
      const auto bytes = Body(Codec::kProto, first, parts);
      ASSERT_TRUE(bytes && from_proto.ParseFromString(*bytes));
      EXPECT_EQ(from_proto.DebugString(), whole.DebugString());
    }
  }
}

TEST(Parts, AFailedSourceBreaksTheAnswerOff) {
  for (const Codec codec : {Codec::kJson, Codec::kProto}) {
    EXPECT_EQ(Body(codec, Basket(), {BasketOf({"a"}), BasketOf({"b"})}, Progress::kFailed),
              std::nullopt);
  }
}

TEST(Parts, APartThatCannotBeWrittenBreaksTheAnswerOff) {
  Basket bad = BasketOf({"a"});
  bad.mutable_items(0)->mutable_issued_at()->set_nanos(-1);
  EXPECT_EQ(Body(Codec::kJson, Basket(), {bad}), std::nullopt);
}

TEST(Parts, AFirstPartThatCannotBeWrittenIsInternal) {
  Basket bad = BasketOf({"a"});
  bad.mutable_items(0)->mutable_issued_at()->set_nanos(-1);
  const auto exchange = std::make_shared<FakeExchange>();
  UnaryCall call(exchange, Codec::kJson, std::make_shared<JsonFormat>(Basket::descriptor()),
                 std::nullopt);
  call.FinishInParts(bad, Basket::kItemsFieldNumber, nullptr);
  EXPECT_EQ(exchange->response().status, 500);
  EXPECT_EQ(exchange->pieces(), nullptr);
}

/// Keeps the delivery for later.
class LateParts final : public PartSource {
 public:
  explicit LateParts(Deliver& kept) : kept_(kept) {}
  void Next(const EncodePart&, Deliver deliver) override { kept_ = std::move(deliver); }

 private:
  Deliver& kept_;
};

TEST(Parts, MayArriveAfterTheConnectionLetGoOfTheBody) {
  PartSource::Deliver kept;
  auto exchange = std::make_shared<FakeExchange>();
  {
    UnaryCall call(exchange, Codec::kJson, std::make_shared<JsonFormat>(Basket::descriptor()),
                   std::nullopt);
    call.FinishInParts(Basket(), Basket::kItemsFieldNumber, std::make_unique<LateParts>(kept));
  }
  std::string received;
  exchange->pieces()->Next([&](Progress, std::string piece) { received = std::move(piece); });
  exchange.reset();
  kept(Progress::kEnd, EncodedPart(R"(,{"code":"a"})"));
  EXPECT_EQ(received, R"({"code":"a"}]})");
}

}  // namespace
}  // namespace coupond::connect

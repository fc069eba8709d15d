#ifndef COUPOND_TEST_FUZZ_BASKET_METHODS_H_
#define COUPOND_TEST_FUZZ_BASKET_METHODS_H_

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "every_kind.pb.h"
#include "rpc/connect/call.h"
#include "rpc/connect/router.h"

namespace coupond::fuzz {

inline constexpr std::string_view kFillPath = "/connecttest.Baskets/Fill";
inline constexpr std::string_view kLookPath = "/connecttest.Baskets/Look";
inline constexpr std::string_view kWatchPath = "/connecttest.Baskets/Watch";
inline constexpr std::string_view kPlainFillPath = "/Fill";

/// A service whose clients control its methods by the basket that they send. Unary methods answer
/// with the basket itself, streams with one basket for each of its items. Then `total` modulo 6
/// determines how the call ends: 0 well; 1 with an error; 2 dropped; 3 not before Resume; 4 well,
/// with the items in parts for unary methods; 5 with a message that JSON cannot express. The same
/// applies to 6 to 11, but streams end before they begin.
///
/// Must outlive the router that it is added to.
class BasketMethods {
 public:
  void AddTo(connect::Router& router);
  /// Answers the calls that were held back.
  void Resume();
  /// Returns the messages of the answers in order, including those that JSON cannot express.
  [[nodiscard]] const std::vector<connecttest::Basket>& sent() const { return sent_; }

 private:
  class Items;

  void AnswerUnary(const connecttest::Basket& basket, std::unique_ptr<connect::UnaryCall> call);
  void AnswerStream(const connecttest::Basket& basket, std::unique_ptr<connect::StreamCall> call);
  const connecttest::Basket& Record(connecttest::Basket basket);

  std::vector<connecttest::Basket> sent_;
  std::unique_ptr<connect::UnaryCall> held_unary_;
  std::unique_ptr<connect::StreamCall> held_stream_;
  std::optional<connect::StreamTurn> held_turn_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_BASKET_METHODS_H_

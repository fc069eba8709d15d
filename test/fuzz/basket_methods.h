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

/// A service whose clients decide what its methods do, by the basket that they send. Unary methods
/// answer with the basket itself, streams with one basket for each of its items. Then its `total`
/// says how the call ends, modulo 6: 0 well; 1 with an error; 2 dropped; 3 not before Resume; 4
/// well, unary methods with the items in parts; 5 with a message that JSON cannot say. From 6 to 11
/// the same, but streams end before they begin.
///
/// Outlives the router that it is added to.
class BasketMethods {
 public:
  void AddTo(connect::Router& router);
  /// Answers what was held back.
  void Resume();
  /// The messages that were answered with, in order; of those that JSON cannot say, too.
  [[nodiscard]] const std::vector<connecttest::Basket>& told() const { return told_; }

 private:
  class Items;

  void AnswerUnary(const connecttest::Basket& basket, std::unique_ptr<connect::UnaryCall> call);
  void AnswerStream(const connecttest::Basket& basket, std::unique_ptr<connect::StreamCall> call);
  const connecttest::Basket& Tell(connecttest::Basket basket);

  std::vector<connecttest::Basket> told_;
  std::unique_ptr<connect::UnaryCall> held_unary_;
  std::unique_ptr<connect::StreamCall> held_stream_;
  std::optional<connect::StreamTurn> held_turn_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_BASKET_METHODS_H_

#include "couponctl/load/chart_axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coupond::ctl {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

const ChartAxis::Places kPlaces{.first = 100, .last = 0};

TEST(ChartAxis, AnEvenAxisHasRoundTicks) {
  const ChartAxis axis = ChartAxis::To(10, kPlaces);
  EXPECT_THAT(axis.ticks(), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_EQ(axis.PlaceOf(0), 100);
  EXPECT_EQ(axis.PlaceOf(2.5), 75);
  EXPECT_EQ(ChartAxis::To(11, kPlaces).PlaceOf(11), 0);
}

TEST(ChartAxis, AnAxisToATickHasRoomForTheLargestValue) {
  const ChartAxis axis = ChartAxis::ToTick(430, kPlaces);
  EXPECT_THAT(axis.ticks(), ElementsAre(0, 100, 200, 300, 400, 500));
  EXPECT_EQ(axis.PlaceOf(500), 0);
  EXPECT_THAT(ChartAxis::ToTick(0, kPlaces).ticks(),
              Pointwise(DoubleNear(1e-9), {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}));
}

TEST(ChartAxis, ALogarithmicAxisBeginsAndEndsAtRoundValues) {
  const ChartAxis axis = ChartAxis::Logarithmic(230, 4700, kPlaces);
  EXPECT_THAT(axis.ticks(), Pointwise(DoubleNear(1e-6), {200.0, 500.0, 1000.0, 2000.0, 5000.0}));
  EXPECT_EQ(axis.PlaceOf(200), 100);
  EXPECT_NEAR(axis.PlaceOf(1000), 50, 1e-9);
  EXPECT_NEAR(axis.PlaceOf(5000), 0, 1e-9);
  EXPECT_THAT(ChartAxis::Logarithmic(100, 100, kPlaces).ticks(),
              Pointwise(DoubleNear(1e-6), {100.0, 200.0}));
}

TEST(ChartAxis, ALongLogarithmicAxisHasTicksAtPowersOfTenOnly) {
  EXPECT_THAT(ChartAxis::Logarithmic(200, 3'000'000, kPlaces).ticks(),
              Pointwise(DoubleNear(1e-3), {1e3, 1e4, 1e5, 1e6}));
}

TEST(ChartAxis, ValuesBeyondTheEndsAreDrawnAtTheEnds) {
  EXPECT_EQ(ChartAxis::To(10, kPlaces).PlaceOf(11), 0);
  EXPECT_EQ(ChartAxis::Logarithmic(10, 100, kPlaces).PlaceOf(0), 100);
}

}  // namespace
}  // namespace coupond::ctl

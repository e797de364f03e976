// Slopes from differences: how right they are, and whether their own estimate of that can be
// trusted.
#include "compiler/driver/Difference.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace nnc::driver;

namespace {

constexpr Accuracy fine{1e-8, 0};
double relu(double x) { return x > 0 ? x : 0; }

TEST(Difference, SmoothFunctionsAreMeasuredWithinTheEstimate) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(-2, 2);
  for (int n = 0; n < 200; ++n) {
    double a = uniform(random), b = uniform(random), c = uniform(random);
    Slope slope = measureSlope(
        [&](double t) { return std::sin(a + b * t) + std::exp(c * t) + 1 / (5 + t); }, fine);
    double expected = b * std::cos(a) + c - 1.0 / 25;
    EXPECT_LE(std::abs(slope.value - expected), slope.error) << a << " " << b << " " << c;
    EXPECT_LE(slope.error, 1e-8 * std::max(std::abs(expected), 1e-3)) << a << " " << b << " " << c;
  }
}

TEST(Difference, ASmallSlopeOnALargeValueTakesAWideStep) {
  // Rounding of the value is 1e-16: at a step of 1e-4 a millionth of the slope.
  Slope slope = measureSlope([](double t) { return 1 + 1e-6 * std::sin(1 + t); }, {1e-8, 0});
  EXPECT_NEAR(slope.value / (1e-6 * std::cos(1.0)), 1, 1e-7);
  EXPECT_LE(slope.error, 1e-13);
}

TEST(Difference, WhatRoundingHidesIsNotTakenForMeasured) {
  Slope slope = measureSlope([](double t) { return 1 + 1e-16 * t; }, fine);
  EXPECT_GE(slope.error, 1e-16);
}

TEST(Difference, RoundingOfTheFunctionItselfShowsInTheEstimate) {
  // Digits lost inside, of which the value alone tells nothing.
  Slope slope = measureSlope([](double t) { return (1e6 + std::sin(1 + t)) - 1e6; }, fine);
  EXPECT_LE(std::abs(slope.value - std::cos(1.0)), 10 * slope.error);
  EXPECT_GE(slope.error, 1e-12);
}

TEST(Difference, AStepNarrowerThanTheWayToAKinkMeasures) {
  for (double distance : {-1e-1, 3e-2, 1e-3, -1e-4, 1e-5}) {
    Slope slope =
        measureSlope([&](double t) { return std::exp(t) + 3 * relu(t - distance); }, {1e-7, 0});
    double expected = 1 + (distance < 0 ? 3 : 0);
    EXPECT_LE(std::abs(slope.value - expected), 1e-7 * expected) << distance;
    EXPECT_LE(slope.error, 1e-7 * expected) << distance;
  }
}

TEST(Difference, AKinkAtHandIsAnErrorOfItsJump) {
  // Both sides have slopes of their own, between which symmetric differences lie and agree.
  for (double distance : {0.0, 1e-12, -1e-9, 1e-7}) {
    Slope slope =
        measureSlope([&](double t) { return std::sin(t) + 0.01 * relu(t - distance); }, fine);
    EXPECT_GE(slope.error, 0.005) << distance;
  }
}

TEST(Difference, AStepOfTheFunctionIsAnError) {
  Slope slope = measureSlope([](double t) { return t + (t > 0 ? 1e-3 : 0); }, fine);
  EXPECT_GE(slope.error, 1e-2);
}

TEST(Difference, StepsThatLeaveTheDomainDoNotCount) {
  Slope slope = measureSlope([](double t) { return std::log(0.01 + t); }, {1e-7, 0});
  EXPECT_NEAR(slope.value, 100, 1e-5);
  EXPECT_LE(slope.error, 1e-5);
}

TEST(Difference, NothingButNanHasNoSlope) {
  EXPECT_TRUE(std::isinf(measureSlope([](double) { return NAN; }, fine).error));
}

} // namespace

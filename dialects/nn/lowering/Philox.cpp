// Philox4x32-10 as arith operations.
#include "dialects/nn/lowering/Philox.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

/// The high and the low word of a product of 32-bit words.
static std::pair<Value, Value> multiply(ImplicitLocOpBuilder &b, Value word, uint32_t factor) {
  Type wide = b.getI64Type(), narrow = b.getI32Type();
  Value multiplier = arith::ConstantOp::create(b, b.getI64IntegerAttr(factor));
  Value product = arith::MulIOp::create(b, arith::ExtUIOp::create(b, wide, word), multiplier);
  Value shift = arith::ConstantOp::create(b, b.getI64IntegerAttr(32));
  Value high = arith::TruncIOp::create(b, narrow, arith::ShRUIOp::create(b, product, shift));
  return {high, arith::TruncIOp::create(b, narrow, product)};
}

std::array<Value, 4> nn::buildPhilox4x32(ImplicitLocOpBuilder &b, std::array<Value, 3> words,
                                         Value lastByKey, std::array<Value, 2> key) {
  constexpr uint32_t multipliers[] = {0xD2511F53, 0xCD9E8D57};
  constexpr uint32_t weyl[] = {0x9E3779B9, 0xBB67AE85};
  constexpr int rounds = 10;
  std::array<Value, 4> counter = {words[0], words[1], words[2], lastByKey};
  for (int round = 0; round < rounds; ++round) {
    if (round != 0)
      for (auto [word, step] : llvm::zip_equal(key, weyl)) {
        Value constant =
            arith::ConstantOp::create(b, b.getIntegerAttr(b.getI32Type(), APInt(32, step)));
        word = arith::AddIOp::create(b, word, constant);
      }
    auto [high0, low0] = multiply(b, counter[0], multipliers[0]);
    auto [high1, low1] = multiply(b, counter[2], multipliers[1]);
    Value first = arith::XOrIOp::create(b, arith::XOrIOp::create(b, high1, counter[1]), key[0]);
    Value third = arith::XOrIOp::create(b, high0, counter[3]);
    if (round != 0)
      third = arith::XOrIOp::create(b, third, key[1]);
    counter = {first, low1, third, low0};
  }
  return counter;
}

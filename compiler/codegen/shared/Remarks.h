// What passes say of their decisions: upstream's remarks, which cost nothing where nobody listens.
//
//   Remarks remarks(getArgumentName(), getOperation());
//   if (auto note = remarks.left(op))
//     note << remark::add("not shared by threads") << remark::reason("{0} FLOPs are few", flops);
//
// `nnc build --remarks` draws them at their places in the source; `nn-opt --remarks-filter=PASS`
// prints them. Passes run on several threads, so they come in any order.
#ifndef NNC_COMPILER_CODEGEN_SHARED_REMARKS_H
#define NNC_COMPILER_CODEGEN_SHARED_REMARKS_H

#include "compiler/codegen/shared/Entry.h"

#include "mlir/IR/Remarks.h"

namespace nnc::codegen {

/// The keys of a remark's arguments: those of upstream's `add` and `reason`, and that of another
/// place that it speaks of, what reads the operation. Those of `metric` have any other.
inline constexpr llvm::StringLiteral kMessageKey = "Remark", kReasonKey = "Reason",
                                     kReaderKey = "Reader";

/// What `pass` says while it is at one function. Of what runs once it says nothing: there, small
/// code is better than fast code.
class Remarks {
public:
  Remarks(llvm::StringLiteral pass, mlir::Operation *function)
      : options(mlir::remark::RemarkOpts::name(pass).category(pass)),
        wanted(function->getContext()->getRemarkEngine() && !entry::runsOnce(function)) {}

  /// Whether anyone listens: to find out what to say may cost, too.
  bool areWanted() const { return wanted; }

  /// Of what the pass did at `op`.
  mlir::remark::detail::InFlightRemark done(mlir::Operation *op) const {
    return wanted ? mlir::remark::passed(op->getLoc(), options)
                  : mlir::remark::detail::InFlightRemark();
  }
  /// Of what it didn't do.
  mlir::remark::detail::InFlightRemark left(mlir::Operation *op) const {
    return wanted ? mlir::remark::missed(op->getLoc(), options)
                  : mlir::remark::detail::InFlightRemark();
  }

  /// The place of `op`, which reads what a remark is about.
  static mlir::remark::detail::Remark::Arg readBy(mlir::Operation *op) {
    return {kReaderKey, mlir::Attribute(mlir::LocationAttr(op->getLoc()))};
  }

private:
  mlir::remark::RemarkOpts options;
  bool wanted;
};

} // namespace nnc::codegen

#endif

// All operations of the nn dialect, by group.
#ifndef NNC_DIALECTS_NN_IR_NNOPS
#define NNC_DIALECTS_NN_IR_NNOPS

include "dialects/nn/ir/NnBodyOps.td"
include "dialects/nn/ir/NnConstantOps.td"
include "dialects/nn/ir/NnContractionOps.td"
include "dialects/nn/ir/NnElementwiseOps.td"
include "dialects/nn/ir/NnRandomOps.td"
include "dialects/nn/ir/NnReductionOps.td"
include "dialects/nn/ir/NnShapeOps.td"
include "dialects/nn/ir/NnUnaryOps.td"

#endif // NNC_DIALECTS_NN_IR_NNOPS

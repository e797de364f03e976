// Prints a program graph as text, for tests.
#pragma once

#include "compiler/sema/Program.h"

#include "llvm/Support/raw_ostream.h"

namespace nnc::sema {

void dump(const Function &function, llvm::raw_ostream &os);
void dump(const Program &program, llvm::raw_ostream &os);

} // namespace nnc::sema

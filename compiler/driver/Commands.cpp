// The table of commands, and what `--help` says of each.
#include "compiler/driver/Commands.h"

#include "llvm/ADT/STLExtras.h"

#include <climits>

namespace nnc::driver {

static constexpr Command table[] = {
    {"build", "FILE.nn [-o FILE] [OPTIONS]",
     "Compile a source file to a program, or to any form on the way there",
     "The program trains, evaluates and runs the model, and needs neither nnc nor any library but "
     "those\n"
     "of C and C++:\n\n"
     "  nnc build mnist_mlp.nn\n"
     "  ./mnist_mlp train --save weights.safetensors\n"
     "  ./mnist_mlp predict --weights weights.safetensors digit.png\n\n"
     "A library has the same model behind a C header, which is written beside it:\n\n"
     "  nnc build mnist_mlp.nn --emit shared        libmlp.so and mlp.h, after the model's name\n\n"
     "The compiler can be looked into at every stage:\n\n"
     "  nnc build mnist_mlp.nn --emit mlir --stage linalg -o -\n"
     "  nnc build mnist_mlp.nn --emit asm -o -\n"
     "  nnc build mnist_mlp.nn --remarks            what was fused and shared, what wasn't, and "
     "why\n\n"
     "$NNC_LINKER names the C++ compiler to link with, where not the default. Where "
     "$NNC_CACHE names\n"
     "a folder, compiled kernels are kept there, up to 512 MiB: the next build compiles what has "
     "changed. It\n"
     "may be removed at any time.\n",
     BuildOption, 1, 1, "a source file", runBuild},
    {"run", "FILE.nn [OPTIONS] [-- ARGUMENTS]", "Build into a cache, then run the program",
     "What follows '--' goes to the program. A file that has not changed is not built again. "
     "Programs are\n"
     "kept in $NNC_CACHE, $XDG_CACHE_HOME/nnc or ~/.cache/nnc; the 32 latest stay.\n\n"
     "One --data is enough: a folder before '--' is the program's $NN_DATA, and one that the "
     "program "
     "is given\n"
     "with --data settles sizes as well.\n\n"
     "  nnc run mnist_mlp.nn -- train --epochs 1\n"
     "  nnc run book.nn -- train --data DIR\n",
     RunOption, 1, 1, "a source file", runRun},
    {"check", "FILE.nn... [--diagnostics text|json]", "Report mistakes, and nothing else",
     "Checks syntax, names, shapes and types, and says nothing where all is well. With "
     "--diagnostics json a\n"
     "line of JSON per file goes to standard output. '-' reads standard input.\n",
     CheckOption, 1, UINT_MAX, "a source file", runCheck},
    {"summary", "FILE.nn [{--kernels | --lines} [--entry NAME] [--json]] [OPTIONS]",
     "Show the layers, their parameters and what a training step costs",
     "A table of layers with output shapes, parameters and floating-point operations per example "
     "(those of\n"
     "matrix products and other contractions, a multiplication and an addition each counting one), "
     "totals, and\n"
     "the bytes that a training step needs at its peak. With --kernels, a table of what a training "
     "step runs:\n"
     "each kernel's name, as in object files and profiles, where it stands in the source, how "
     "often "
     "a step calls\n"
     "it, what all these calls compute and move, and their share of the time by an estimate. With "
     "--lines, the\n"
     "same by line: the source, and beside each line its share, what it computes and moves, and "
     "which of both\n"
     "bounds it:\n\n"
     "  nnc summary --lines mnist_lenet.nn\n",
     SummaryOption, 1, 1, "a source file", runSummary},
    {"gradcheck", "FILE.nn [--json] [OPTIONS]",
     "Compare every parameter's gradient with central differences, in f64",
     "Compiles the model in f64 and runs it in nnc itself, at random parameters, on a random batch "
     "(of 4, or\n"
     "--batch). Some elements of each parameter are measured; an error above 1e-6 is off, and "
     "exits with 1. What\n"
     "stop_gradient holds back is off on purpose.\n",
     GradcheckOption, 1, 1, "a source file", runGradcheck},
    {"fmt", "FILE.nn... [--check | --upgrade]", "Put source files into the one style, in place",
     "A file with mistakes in its syntax stays as it is. '-' reads standard input and writes "
     "standard output.\n",
     FmtOption, 1, UINT_MAX, "a source file", runFmt},
    {"std", "[NAME...]", "List the standard library, or print the source of something in it",
     "Layers, losses, optimizers and all the rest of the library are written in the language "
     "itself:\n\n"
     "  nnc std dense adam\n",
     StdOption, 0, UINT_MAX, "a name", runStd},
    {"data", "[NAME] [--dir DIR]", "List the data sets that can be fetched, or fetch one",
     "Files that are there already and whole are kept. Others are copied from beside nnc where it "
     "has them,\n"
     "or fetched with curl or wget; each is checked by the SHA-256 of what it holds. "
     "$NNC_DATA_MIRROR is an\n"
     "address to try first.\n\n"
     "  nnc data mnist --dir data/mnist\n",
     DataOption, 0, 1, "a data set", runData},
};

llvm::ArrayRef<Command> commands() { return table; }

const Command *findCommand(llvm::StringRef name) {
  const auto *found =
      llvm::find_if(table, [&](const Command &command) { return command.name == name; });
  return found == std::end(table) ? nullptr : found;
}

} // namespace nnc::driver

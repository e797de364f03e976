// The main function of a compiled program.
#include "runtime/cli/Commands.h"

int main(int argc, char **argv) { return nnrt::runProgram(nnrt_model_descriptor, argc, argv); }

// nnc: the compiler for .nn files.
#include "compiler/driver/Driver.h"

int main(int argc, char **argv) { return nnc::driver::main(argc, argv); }

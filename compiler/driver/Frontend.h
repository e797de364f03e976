// From a source file to a checked program: what every command that reads .nn begins with. No MLIR
// here.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/diagnostics/Source.h"
#include "compiler/driver/CommandLine.h"
#include "compiler/driver/Timing.h"
#include "compiler/sema/Program.h"
#include "compiler/syntax/Ast.h"

#include <memory>

namespace nnc::driver {

/// A source file and what was made of it. Later parts refer to earlier ones.
struct Frontend {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId file;
  std::unique_ptr<ast::File> syntax;
  std::unique_ptr<sema::Program> program; ///< null after errors

  /// Reads and parses `path`. False where it can't be read; that has been said.
  bool parse(llvm::StringRef path, Timing &timing);
  /// Parses and checks. False where it can't be read; mistakes are in `diagnostics`. `data`: the
  /// folder of the data files whose headers settle sizes; empty: where they are usually found.
  bool analyze(llvm::StringRef path, llvm::StringRef data, Timing &timing);
  /// Draws the diagnostics on standard error.
  void report(ColorMode color) const;
};

/// Whether messages on standard error are to be coloured: on a terminal, unless $NO_COLOR is set or
/// `mode` says otherwise.
bool useColor(ColorMode mode);
/// The same of what goes to standard output.
bool useColorOfOutput(ColorMode mode);

/// Parses and reports. True where there is no error.
bool loadSyntax(Frontend &frontend, const Arguments &arguments, Timing &timing);
/// Parses, checks and reports. True where there is a program without errors whose sizes are known.
bool loadProgram(Frontend &frontend, const Arguments &arguments, Timing &timing);

/// Says which files of the data are not in `folder`, given by --data: there they are to be.
void requireFiles(Frontend &frontend, llvm::StringRef source, llvm::StringRef folder);

/// The model to compile: the one that --model asks for, what the file's recipe trains, or the only
/// one. Null where that is none; it has been said.
const sema::Model *chooseModel(const sema::Program &program, const Arguments &arguments);

} // namespace nnc::driver

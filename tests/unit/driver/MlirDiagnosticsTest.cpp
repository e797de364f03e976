// Errors of passes are drawn at the source that their operation came from.
#include "compiler/driver/MlirDiagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace nnc;
using namespace nnc::driver;

namespace {

class MlirDiagnosticsTest : public testing::Test {
protected:
  MlirDiagnosticsTest() {
    user = sources.add("net.nn", "model m {\n  \xC3\xA9 |> dense(64)\n}\n");
    library =
        sources.add("std/dense.nn", "layer dense {\n  x @ w\n}\n", SourceManager::Origin::Std);
  }

  mlir::Location at(llvm::StringRef file, unsigned line, unsigned column, unsigned endLine,
                    unsigned endColumn) {
    return mlir::FileLineColRange::get(mlir::StringAttr::get(&context, file), line, column, endLine,
                                       endColumn);
  }
  std::string textAt(mlir::Location location) {
    SourceRange range = sourceRange(location, sources);
    return range.isValid() ? sources.text(range).str() : "<none>";
  }
  template <typename Emit> std::string printed(Emit emit) {
    testing::internal::CaptureStderr();
    {
      MlirDiagnosticPrinter printer(&context, sources, /*color=*/false);
      emit();
      errors = printer.errorCount();
    }
    return testing::internal::GetCapturedStderr();
  }

  mlir::MLIRContext context;
  SourceManager sources;
  FileId user, library;
  unsigned errors = 0;
};

TEST_F(MlirDiagnosticsTest, ColumnsCountCodePoints) {
  EXPECT_EQ(textAt(at("net.nn", 2, 3, 2, 4)), "\xC3\xA9");
  EXPECT_EQ(textAt(at("net.nn", 2, 8, 2, 17)), "dense(64)");
}

TEST_F(MlirDiagnosticsTest, TheUsersPlaceComesBeforeTheLibrarys) {
  mlir::Location call =
      mlir::CallSiteLoc::get(at("std/dense.nn", 2, 3, 2, 8), at("net.nn", 2, 8, 2, 17));
  EXPECT_EQ(textAt(call), "dense(64)");
  EXPECT_EQ(textAt(at("std/dense.nn", 2, 3, 2, 8)), "x @ w");
}

TEST_F(MlirDiagnosticsTest, FusedAndNamedLocations) {
  mlir::Location place = at("net.nn", 1, 7, 1, 8);
  EXPECT_EQ(textAt(mlir::FusedLoc::get(&context, {mlir::UnknownLoc::get(&context), place})), "m");
  EXPECT_EQ(textAt(mlir::NameLoc::get(mlir::StringAttr::get(&context, "n"), place)), "m");
}

TEST_F(MlirDiagnosticsTest, ACallChainGoesFromTheInnermostOutwards) {
  auto chain = [&](mlir::Location location) {
    std::string texts;
    for (const SourceRange &range : callChain(location, sources))
      texts += sources.text(range).str() + ";";
    return texts;
  };
  mlir::Location callee = at("std/dense.nn", 2, 3, 2, 8), call = at("net.nn", 2, 8, 2, 17),
                 outer = at("net.nn", 1, 7, 1, 8);
  auto name = [&](mlir::Location location) {
    return mlir::NameLoc::get(mlir::StringAttr::get(&context, "n"), location);
  };
  mlir::Location nested =
      mlir::CallSiteLoc::get(callee, mlir::CallSiteLoc::get(name(call), name(outer)));
  EXPECT_EQ(chain(name(nested)), "x @ w;dense(64);m;");
  EXPECT_EQ(chain(mlir::FusedLoc::get(&context, {mlir::UnknownLoc::get(&context), call, outer})),
            "dense(64);");
  EXPECT_EQ(chain(mlir::UnknownLoc::get(&context)), "");
}

TEST_F(MlirDiagnosticsTest, PlacesThatAreNoneAreNoRange) {
  EXPECT_EQ(textAt(mlir::UnknownLoc::get(&context)), "<none>");
  EXPECT_EQ(textAt(at("other.nn", 1, 1, 1, 2)), "<none>");
  EXPECT_EQ(textAt(at("net.nn", 99, 1, 99, 2)), "<none>");
  EXPECT_EQ(textAt(at("net.nn", 0, 0, 0, 0)), "<none>");
}

TEST_F(MlirDiagnosticsTest, DrawsPlaceLineAndCarets) {
  std::string text = printed([&] {
    mlir::InFlightDiagnostic diagnostic =
        mlir::emitError(at("net.nn", 2, 8, 2, 17), "'nn.contract' op is wrong");
    diagnostic.attachNote(at("std/dense.nn", 2, 3, 2, 8)) << "here";
  });
  EXPECT_EQ(errors, 1u);
  EXPECT_NE(text.find("net.nn:2:8: error[E0801]: 'nn.contract' op is wrong\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("       ^~~~~~~~~\n"), std::string::npos) << text;
  EXPECT_NE(text.find("std/dense.nn:2:3: note: here\n"), std::string::npos) << text;
}

TEST_F(MlirDiagnosticsTest, RemarksAreNotShown) {
  EXPECT_EQ(printed([&] { mlir::emitRemark(mlir::UnknownLoc::get(&context), "psst"); }), "");
  EXPECT_EQ(errors, 0u);
  EXPECT_EQ(printed([&] { mlir::emitError(mlir::UnknownLoc::get(&context), "lost"); }),
            "nnc: error[E0801]: lost\n");
}

} // namespace

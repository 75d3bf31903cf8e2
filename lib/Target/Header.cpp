//===- Header.cpp - The C header of a model -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Analysis/StoredConstants.h"
#include "lowbit/Target/Artefact.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The text of include/lowbit/Runtime/lowbit_model.h.
static constexpr char modelHeader[] =
#include "LowbitModelHeader.inc"
    ;

/// `text` as part of a comment: names come from models, and may hold anything.
static std::string inComment(StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isPrint(c) && c != '*' && c != '\\' && c != '?' ? c : '_';
  return result;
}

static std::string stringifyShape(const TensorDescription &tensor) {
  if (tensor.dims.empty())
    return "scalar";
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(tensor.dims, os, "x");
  return text;
}

static void emitTable(StringRef kind, ArrayRef<TensorDescription> tensors,
                      llvm::raw_ostream &os) {
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    os << llvm::formatv(
        " *   {0}s[{1}]  {2}  {3}  {4}", kind, i, inComment(tensor.name),
        stringifyElementType(tensor.elementType), stringifyShape(tensor));
    if (tensor.isQuantized)
      os << llvm::formatv("  stands for {0:e9} * (q - {1})", tensor.scale,
                          tensor.zeroPoint);
    os << "\n";
  }
}

static void emitCounts(StringRef macro, StringRef kind,
                       ArrayRef<TensorDescription> tensors,
                       llvm::raw_ostream &os) {
  os << "#define " << macro << "_" << kind << "_COUNT " << tensors.size()
     << "\n";
  for (auto [i, tensor] : llvm::enumerate(tensors))
    os << "#define " << macro << "_" << kind << i << "_ELEMENTS "
       << tensor.getNumElements() << "\n";
}

/// The functions of a program for the processor.
static void emitFunctions(ModuleOp module, StringRef prefix, StringRef macro,
                          llvm::raw_ostream &os) {
  bool isEncoded = false;
  int64_t resident = 0;
  for (const StoredConstant &constant : readStoredConstants(module)) {
    isEncoded |= constant.isEncoded();
    resident += constant.isEncoded() ? constant.memoryBytes : 0;
  }
  bool hasVariants = readModelVariants(module).has_value();
  std::string memory = "Allocates nothing and keeps no state.";
  if (isEncoded)
    memory = llvm::formatv(
        "Allocates nothing.  The first call decodes constants, which\n"
        " * take {0} bytes of memory from then on; calls that come meanwhile "
        "wait\n"
        " * for it.",
        resident);
  os << llvm::formatv(
      R"(/* Runs the model once.  inputs[i] and outputs[i] point to the arrays in the
 * table above, dense and in C order; workspace to {0}_WORKSPACE_SIZE bytes
 * aligned to {0}_WORKSPACE_ALIGN.  Outputs and workspace overlap nothing.
 * {2}  Returns 0, or 1 for a null pointer, or
 * 2 for a workspace that is not aligned{3}. */
int {1}_run(const void *const *inputs, void *const *outputs, void *workspace);
)",
      macro, prefix, memory,
      hasVariants ? ", or LOWBIT_NO_VARIANT where\n"
                    " * the processor has not the instructions of any code here"
                  : "");
  if (hasVariants)
    os << llvm::formatv(R"(
/* What lowbit_variants says of these, above. */
int32_t {0}_selected_variant(void);
int {0}_select_variant(int32_t number);
)",
                        prefix);
}

/// The functions of a program for a device.
static void emitDeviceFunctions(StringRef prefix, llvm::raw_ostream &os) {
  os << llvm::formatv(
      R"(/* Runs the model once and waits for its end.  inputs[i] and outputs[i] point to
 * the arrays in the table above, dense and in C order, on the host or the
 * device.  workspace is one of {0}_create_workspace's; null makes one for
 * this call, which takes long.  Returns LOWBIT_OK, or what went wrong. */
int {0}_run(const void *const *inputs, void *const *outputs, void *workspace);

/* What lowbit_device says of these, above. */
int {0}_create_workspace(int32_t device, void **workspace);
int {0}_enqueue(const void *const *inputs, void *const *outputs,
                void *workspace, void *stream);
void {0}_destroy_workspace(void *workspace);
const char *{0}_describe_workspace(const void *workspace);
const char *{0}_describe_status(int status);
)",
      prefix);
}

LogicalResult lowbit::emitHeader(ModuleOp module, llvm::raw_ostream &os) {
  FailureOr<ModelInterface> interface = readModelInterface(module);
  FailureOr<ModelIdentity> identity = readModelIdentity(module);
  if (failed(interface) || failed(identity))
    return failure();

  const std::string &prefix = identity->prefix;
  std::string macro = StringRef(prefix).upper();
  os << "/* The compiled model '" << inComment(identity->name)
     << "'.  Generated by lowbit " LOWBIT_VERSION ".\n *\n";
  emitTable("input", interface->inputs, os);
  emitTable("output", interface->outputs, os);
  os << " *\n * Profile: " << inComment(identity->profile)
     << ".  Recipe: " << inComment(identity->recipe)
     << ".\n * Target: " << inComment(identity->target) << ".\n";
  if (auto variants = readModelVariants(module))
    os << " * Code for: " << llvm::join(variants->names, ", ") << "; " << prefix
       << "_run takes the last of these that the\n"
       << " * processor has.\n";
  if (auto device = module->getAttrOfType<DictionaryAttr>(kDeviceAttr))
    os << " * Device: " << device.getAs<StringAttr>("api").getValue() << ":"
       << device.getAs<StringAttr>("chip").getValue() << ".\n";
  if (identity->threads != "none")
    os << " * Threads: " << inComment(identity->threads)
       << ".  Needs OpenMP's runtime: link with -fopenmp, -lgomp or -lomp.\n";
  os << " */\n";

  // The guard holds the prefix as it is: "Net" and "net" are two models.
  os << "#ifndef LOWBIT_GENERATED_" << prefix << "_H\n"
     << "#define LOWBIT_GENERATED_" << prefix << "_H\n\n"
     << modelHeader << "\n"
     << "#define " << macro << "_WORKSPACE_SIZE " << interface->workspaceSize
     << "\n#define " << macro << "_WORKSPACE_ALIGN " << kWorkspaceAlignment
     << "\n";
  emitCounts(macro, "INPUT", interface->inputs, os);
  emitCounts(macro, "OUTPUT", interface->outputs, os);
  os << R"(
#ifdef __cplusplus
extern "C" {
#endif

)";
  if (module->hasAttr(kDeviceAttr))
    emitDeviceFunctions(prefix, os);
  else
    emitFunctions(module, prefix, macro, os);
  os << llvm::formatv(R"(
extern const lowbit_model {0}_lowbit_model;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LOWBIT_GENERATED_{0}_H */
)",
                      prefix);
  return success();
}

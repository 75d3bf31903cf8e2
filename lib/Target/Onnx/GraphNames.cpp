//===- GraphNames.cpp - checks the names of a graph ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A graph is tied together by names. Once each name is known to be given once
// and, since nodes must be sorted, before its first use, the import needs no
// search and no check of its own: there is no cycle, and every input of a node
// has an entry in the table of values.
//
//===----------------------------------------------------------------------===//

#include "ModelFile.h"

#include "ConstantTensor.h"

#include "onnx.pb.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using llvm::createStringError;

static std::string describeNode(const ::onnx::NodeProto &node) {
  if (!node.name().empty())
    return "node " + quote(node.name());
  return "a node of op " + quote(node.op_type());
}

llvm::Error onnximport::checkNames(const ::onnx::GraphProto &graph) {
  llvm::StringSet<> constants, defined;
  for (const ::onnx::TensorProto &tensor : graph.initializer())
    if (tensor.name().empty() || !constants.insert(tensor.name()).second)
      return createStringError("the graph has two initializers of the name " +
                               quote(tensor.name()) +
                               ", or one without a name");
  if (graph.sparse_initializer_size() != 0)
    return createStringError("the graph has sparse initializers; lowbit "
                             "imports only dense ones");
  for (const ::onnx::ValueInfoProto &input : graph.input())
    if (input.name().empty() || !defined.insert(input.name()).second)
      return createStringError("the graph has two inputs of the name " +
                               quote(input.name()) + ", or one without a name");
  // Old models list their constants among the inputs, too.
  for (const ::onnx::TensorProto &tensor : graph.initializer())
    defined.insert(tensor.name());

  llvm::StringMap<const ::onnx::NodeProto *> producers;
  for (const ::onnx::NodeProto &node : graph.node()) {
    for (const std::string &name : node.output()) {
      if (name.empty())
        continue;
      if (defined.contains(name) || !producers.try_emplace(name, &node).second)
        return createStringError(describeNode(node) + " computes " +
                                 quote(name) +
                                 ", which the graph defines elsewhere, too");
    }
  }
  for (const ::onnx::NodeProto &node : graph.node()) {
    for (const std::string &name : node.input()) {
      if (name.empty() || defined.contains(name))
        continue;
      auto producer = producers.find(name);
      if (producer == producers.end())
        return createStringError(describeNode(node) + " reads " + quote(name) +
                                 ", which the graph does not define");
      return createStringError(
          describeNode(node) + " reads " + quote(name) + ", which " +
          describeNode(*producer->second) +
          " computes later; the graph has a cycle or is not sorted");
    }
    for (const std::string &name : node.output())
      defined.insert(name);
  }
  if (graph.output_size() == 0)
    return createStringError("the graph has no outputs");
  for (const ::onnx::ValueInfoProto &output : graph.output())
    if (output.name().empty() || !defined.contains(output.name()))
      return createStringError("the graph does not define its output " +
                               quote(output.name()));
  return llvm::Error::success();
}

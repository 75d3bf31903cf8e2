/* Makes a workspace, runs twice on it, once on a stream of the caller's, and
 * gives it back; prints what happens.  Linked with a model `net` for a device. */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  const lowbit_device *device = net_lowbit_model.device;
  void *workspace = &workspace;
  static float x[NET_INPUT0_ELEMENTS], y[NET_OUTPUT0_ELEMENTS];
  const void *inputs[] = {x};
  void *outputs[] = {y};
  int status = net_create_workspace(argc > 1 ? atoi(argv[1]) : 0, &workspace);
  printf("%s:%s, fallback %u\n", device->api, device->chip,
         device->has_fallback);
  printf("create: %s\n", net_describe_status(status));
  if (status) {
    printf("workspace is %s\n", workspace ? "left" : "null");
    return 0;
  }
  printf("runs on %s\n", net_describe_workspace(workspace));
  printf("run: %s\n", net_describe_status(net_run(inputs, outputs, workspace)));
  printf("enqueue: %s\n",
         net_describe_status(net_enqueue(inputs, outputs, workspace, &status)));
  inputs[0] = NULL;
  printf("null input: %s\n",
         net_describe_status(net_run(inputs, outputs, workspace)));
  printf("null workspace: %s\n",
         net_describe_status(net_enqueue(inputs, outputs, NULL, NULL)));
  net_destroy_workspace(workspace);
  net_destroy_workspace(NULL);
  return 0;
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { paths, VerificationRun } from "@ziggurat/contracts";
import { api } from "../../lib/api-client.js";

const LOOK_MS = 1000;

/** A verification asked for on this page, followed until it is done. */
export function useVerification() {
  const start = useMutation({ mutationFn: () => api.send("POST", paths.auditVerifications(), {}, VerificationRun) });
  const id = start.data?.id;
  const read = useQuery({
    queryKey: ["audit verification", id],
    enabled: id !== undefined,
    initialData: start.data,
    queryFn: ({ signal }) => api.get(paths.auditVerification(id ?? ""), VerificationRun, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "done" ? false : LOOK_MS),
  });
  const run = id === undefined ? undefined : read.data;
  return {
    run,
    error: start.error ?? read.error,
    isBusy: start.isPending || (run !== undefined && run.state !== "done"),
    start: () => start.mutate(),
  };
}

import { useQuery } from "@tanstack/react-query";
import { AliasProtection, paths } from "@ziggurat/contracts";
import { api } from "../../lib/api-client.js";

/** What guards a name of a model. */
export function useProtection(model: string, name: string, isEnabled = true) {
  const path = paths.aliasProtection(model, name);
  return useQuery({ queryKey: [path], enabled: isEnabled, queryFn: ({ signal }) => api.get(path, AliasProtection, { signal }) });
}

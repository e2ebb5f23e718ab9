import { useQuery } from "@tanstack/react-query";
import { FoundProviders, paths, Slug } from "@ziggurat/contracts";
import { api } from "../../lib/api-client.js";

export type OfferedProvider = FoundProviders["providers"][number];

/** Ways to sign in that an institution offers beside a password; the platform's own for an empty name. What is no name offers none. */
export function useProviders(institution: string, isAsked = true) {
  const isName = Slug.safeParse(institution).success;
  const path = paths.signInProviders(isName ? institution : undefined);
  const read = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => api.get(path, FoundProviders, { signal }),
    enabled: isAsked && (isName || institution === ""),
  });
  const isKnown = isAsked && ((institution !== "" && !isName) || read.data !== undefined);
  const providers: readonly OfferedProvider[] = isName || institution === "" ? (read.data?.providers ?? []) : [];
  return { ...read, providers, isKnown };
}
